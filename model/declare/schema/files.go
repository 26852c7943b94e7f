package schema

// Files are the generated files by their path in the repository, made from the Go files of the folder of package model.
func Files(folder string) (map[string][]byte, error) {
	comments, err := ReadComments(folder)
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{"doc/declaration.md": Page(comments)}
	for _, k := range Kinds {
		text, err := JSON(k.Name, comments)
		if err != nil {
			return nil, err
		}
		out["data/schema/"+k.Name+".schema.json"] = text
	}
	return out, nil
}
