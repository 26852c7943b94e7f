// The modules of @maplibre/mlt import one another without the extension that Node wants: it is added here.
export async function resolve(specifier, context, next) {
  const bare = specifier.startsWith('.') && !/\.\w+$/.test(specifier);
  return next(bare ? specifier + '.js' : specifier, context);
}
