package declare

import (
	"reflect"
	"slices"
	"strings"

	"jumeau/model"
)

// Rule says which values one key takes, besides its Go type. For lists and maps it holds for each element.
type Rule struct {
	OneOf    []string
	Form     *Form
	Keys     *Form // of a map's keys
	Min, Max *float64
	Above    bool   // Min itself is not allowed
	Least    int    // least number of elements
	Default  string // in words, for the reference page; "" when there is none
}

var driftPolicies = []string{model.DriftIgnore, model.DriftWarn, model.DriftStop}

// Rules by type and key: "Column.type". It is the only place that knows which values are allowed.
var Rules = map[string]Rule{
	"Text.fr": {Form: sentence},
	"Text.en": {Form: sentence},

	"Territory.territory": {Form: identifier},
	"Territory.time_zone": {Form: timeZone},
	"Territory.schedule":  {Form: schedule},
	"Territory.zones":     {Form: identifier, Least: 1},
	"Territory.contact":   {Form: contact},

	"COG.year":       {Min: at(1943), Max: at(2100)},
	"COG.movements":  {Form: identifier},
	"COG.population": {Form: identifier, Default: "equal parts"},
	"Codes.year":     {Min: at(1943), Max: at(2100)},
	"Codes.columns":  {Form: identifier, Least: 1},

	"Privacy.k":            {Min: at(11), Default: "20"},
	"Privacy.epsilon":      {Min: at(0), Above: true, Max: at(10), Default: "1"},
	"Privacy.delta":        {Min: at(0), Above: true, Max: at(1e-3), Default: "1e-6"},
	"Privacy.epsilon_year": {Min: at(0), Above: true, Max: at(50), Default: "4"},

	"Source.source":   {Form: identifier},
	"Source.template": {Form: templateRef},
	"Source.with":     {Keys: identifier, Form: sentence},
	"Source.producer": {Form: sentence},
	"Source.licence":  {Form: sentence},
	"Source.vintage":  {Form: sentence},
	"Source.measures": {Keys: identifier},
	"Source.flows":    {Keys: identifier},

	"From.path":     {Form: localPath},
	"From.url":      {Form: location},
	"From.member":   {Form: memberPath},
	"From.sha256":   {Form: digest},
	"From.checksum": {Form: address},
	"From.endpoint": {Form: address, Default: "https://s3.REGION.amazonaws.com"},
	"From.region":   {Form: region, Default: "us-east-1"},
	"From.every":    {Form: duration, Default: "PT12H"},
	"From.max_mib":  {Min: at(1), Default: "8192"},

	"Secret.env":  {Form: variable},
	"Secret.file": {Form: absolute},
	"Auth.env":    {Form: variable},
	"Auth.file":   {Form: absolute},
	"Auth.as":     {OneOf: []string{"bearer", "basic", "header", "query"}, Default: "bearer"},
	"Auth.name":   {Form: parameter},

	"Drift.columns": {OneOf: driftPolicies, Default: "stop"},
	"Drift.rows":    {OneOf: driftPolicies, Default: "warn"},
	"Drift.values":  {OneOf: driftPolicies, Default: "warn"},
	"Drift.time":    {OneOf: driftPolicies, Default: "warn"},
	"Drift.place":   {OneOf: driftPolicies, Default: "warn"},
	"Drift.vintage": {OneOf: driftPolicies, Default: "warn"},
	"Drift.score":   {Min: at(1), Default: "6"},

	"Announce.language": {OneOf: []string{"fr", "en"}, Default: "fr"},
	"Mail.to":           {Form: mailbox, Least: 1},
	"Mail.from":         {Form: mailbox},
	"Mail.server":       {Form: hostPort},
	"Mail.user":         {Form: sentence},
	"Webhook.url":       {Form: address},

	"Read.format": {OneOf: []string{"geojson", "geojsonseq", "json", "csv", "parquet", "shapefile", "geopackage", "flatgeobuf", "kml", "gml",
		"topojson", "openstreetmap", "gtfs", "gtfs-rt", "xlsx", "ods", "citygml", "cityjson", "arrow"}},
	"Read.table":        {Form: sentence},
	"Read.clip":         {Form: identifier},
	"Read.header_row":   {Min: at(1)},
	"Read.tags":         {Form: sentence},
	"Read.dates":        {Form: sentence},
	"Read.encoding":     {OneOf: []string{"utf-8", "windows-1252", "iso-8859-1"}},
	"Read.delimiter":    {OneOf: []string{",", ";", "\t", "|"}},
	"Read.decimal":      {OneOf: []string{".", ","}, Default: `"."`},
	"Read.header_strip": {Form: pattern},
	"Read.crs":          {Form: crsCode},

	"Contract.match":          {OneOf: []string{"exact", "ignore_case"}, Default: "exact"},
	"Contract.columns":        {Keys: identifier},
	"Contract.reject_at_most": {Default: "0%"},

	"Column.from":     {Form: source},
	"Column.type":     {OneOf: []string{"text", "integer", "number", "boolean", "date", "timestamp"}},
	"Column.role":     {OneOf: []string{"id", "name", "time", "place", "origin", "destination", "value", "unit"}},
	"Column.extract":  {Form: pattern},
	"Column.format":   {Form: timeForm},
	"Column.pattern":  {Form: pattern},
	"Column.in":       {Least: 1},
	"Column.refers":   {Form: columnRef},
	"Column.missing":  {Least: 1},
	"Column.withheld": {Least: 1},

	"Geometry.type": {OneOf: []string{"point", "line", "polygon", "any"}},

	"Keep.column":   {Form: identifier},
	"Keep.in":       {Least: 1},
	"Keep.found_in": {Form: columnRef},
	"Keep.within":   {Form: identifier},

	"Behaviour.class":       {OneOf: []string{"A", "B", "C", "D", "E", "F", "G"}},
	"Behaviour.unit":        {OneOf: []string{"person", "device", "vehicle", "household", "enterprise", "respondent"}},
	"Behaviour.legal_basis": {Form: sentence},
	"Behaviour.retention":   {Form: duration},
	"Behaviour.threshold":   {Min: at(11), Default: "the territory's k, in class D"},

	"Behaviour.period":  {Form: periodForm},
	"Behaviour.days":    {OneOf: []string{"weekday", "saturday", "sunday"}},
	"Behaviour.edition": {Min: at(1), Max: at(100), Default: "1"},
	"Behaviour.units":   {Min: at(1), Default: "100,000"},
	"Behaviour.publish": {Keys: identifier, Least: 1},

	"Published.shape":       {OneOf: []string{model.ShapePresence, model.ShapeFlow, model.ShapeLinks, model.ShapeHistogram, model.ShapeSplit, model.ShapeSum}},
	"Published.zones":       {Form: identifier},
	"Published.levels":      {Form: identifier},
	"Published.adaptive":    {Form: identifier},
	"Published.slot":        {OneOf: append(slices.Clone(slotKinds), model.SlotThreeHours, model.SlotHalfDay), Default: "all"},
	"Published.place":       {Form: identifier, Default: "the column with role place, else the geometry"},
	"Published.snap":        {Min: at(0), Above: true, Max: at(500), Default: "30"},
	"Published.origin":      {Form: identifier, Default: "the column with role origin"},
	"Published.destination": {Form: identifier, Default: "the column with role destination"},
	"Published.value":       {Form: identifier},
	"Published.edges":       {Least: 2},
	"Published.category":    {Form: identifier},
	"Published.weight":      {Form: identifier},
	"Published.l0":          {Min: at(1), Max: at(1000), Default: "4; presence by day type 3, half day 6, three hours or month 12, hour or date 24"},
	"Published.linf":        {Min: at(1), Max: at(1000), Default: "1"},
	"Published.share":       {Min: at(1), Max: at(99), Default: "an equal part"},
	"Published.decimals":    {Min: at(0), Max: at(6), Default: "0"},

	"ZoneSystem.system": {Form: identifier},
	"ZoneSystem.id":     {Form: identifier},
	"ZoneSystem.name":   {Form: identifier, Default: "the id"},
	"Members.system":    {Form: identifier},
	"Members.id":        {Form: identifier},

	"Search.text":   {Form: identifier, Least: 1},
	"Search.number": {Form: identifier},

	"Tour.question": {Min: at(1), Max: at(15)},

	"Measure.value":     {Form: identifier},
	"Measure.aggregate": {OneOf: []string{"sum", "mean"}, Default: "sum"},
	"Measure.zones":     {Form: identifier},
	"Measure.zone":      {Form: identifier},
	"Measure.time":      {Form: identifier},
	"Measure.slots":     {OneOf: slotKinds, Least: 1, Default: "[all]"},
	"Measure.rollup":    {Form: identifier},
	"Measure.estimated": {Form: identifier},
	"Measure.decimals":  {Min: at(0), Max: at(6), Default: "0"},

	"Flow.zones":       {Form: identifier},
	"Flow.origin":      {Form: identifier},
	"Flow.destination": {Form: identifier},
	"Flow.value":       {Form: identifier},
	"Flow.decimals":    {Min: at(0), Max: at(6), Default: "0"},

	"Template.template": {Form: templateID},
	"Template.editions": {Form: pattern},
	"Template.edition":  {Form: sentence},
	"Template.with":     {Keys: identifier},
	"Variant.editions":  {Form: pattern},
	"Parameter.pattern": {Form: pattern},

	"Example.given":  {Least: 1},
	"Example.reject": {Form: rejectCode},

	"Layer.layer":      {Form: identifier},
	"Layer.question":   {Min: at(0), Max: at(15)},
	"Layer.properties": {Form: identifier},
	"Layer.measures":   {Form: identifier},
	"Layer.flows":      {Form: identifier},
	"Layer.audience":   {OneOf: []string{"public", "agent", "steward"}, Default: "public"},
	"Layer.order":      {Min: at(0), Max: at(1000), Default: "50"},

	"LayerGeometry.zones":  {Form: identifier},
	"LayerGeometry.source": {Form: identifier},

	"Style.as":      {OneOf: []string{"fill", "line", "circle", "extrusion"}, Default: "by geometry"},
	"Style.colour":  {Form: colour, Default: "by geometry"},
	"Style.outline": {Form: colour},
	"Style.opacity": {Min: at(0), Max: at(1), Default: "by geometry"},
	"Style.width":   {Min: at(0), Max: at(60), Default: "by geometry"},
	"Style.by":      {Form: identifier},
	"Style.colours": {Form: colour},
	"Style.ramp":    {OneOf: []string{"sequential", "diverging"}, Default: "sequential, with measures"},
	"Style.classes": {Min: at(3), Max: at(8), Default: "6, with measures"},
	"Style.label":   {Form: identifier},

	"Server.releases":     {Form: absolute},
	"Server.addr":         {Form: listen, Default: "127.0.0.1:8080"},
	"Server.public_url":   {Form: address},
	"Server.state":        {Form: absolute},
	"Server.audience":     {OneOf: []string{"public", "agent", "steward"}, Default: "public"},
	"Server.cache_mib":    {Min: at(1), Max: at(1 << 20), Default: "64"},
	"Server.memory_mib":   {Min: at(64), Max: at(1 << 22)},
	"Server.audit_months": {Min: at(1), Max: at(120), Default: "12"},

	"ServerTLS.certificate":       {Form: absolute},
	"ServerTLS.key":               {Form: absolute},
	"ServerAdmin.addr":            {Form: listen},
	"SignIn.name":                 {Form: sentence, Default: "OpenID Connect"},
	"SignIn.issuer":               {Form: address},
	"SignIn.client_id":            {Form: sentence},
	"SignIn.scopes":               {Form: word},
	"SignIn.classes":              {Form: word},
	"SignIn.let_in":               {Least: 1},
	"LetIn.audience":              {OneOf: []string{"agent", "steward"}},
	"LetIn.claim":                 {Form: word},
	"LetIn.in":                    {Form: sentence},
	"LetIn.ends":                  {Form: sentence},
	"ServerProxy.from":            {Form: sentence, Least: 1},
	"ServerProxy.user":            {Form: parameter},
	"ServerProxy.groups":          {Form: parameter},
	"ServerLimits.requests":       {Min: at(0), Above: true},
	"ServerLimits.requests_burst": {Min: at(1)},
	"ServerLimits.cost":           {Min: at(0), Above: true},
	"ServerLimits.cost_burst":     {Min: at(1)},
	"ServerSession.lifetime":      {Form: duration, Default: "PT10H"},
	"ServerSession.idle":          {Form: duration, Default: "PT2H"},
}

var slotKinds = []string{model.SlotAll, model.SlotHour, model.SlotDayType, model.SlotDate, model.SlotMonth}

func at(v float64) *float64 { return &v }

// Written forms of types that are texts in a declaration.
var (
	percentForm = form("a percentage", "0.5%", `^(100|[0-9]{1,2})(\.[0-9]+)?\s*%$`, nil)
	zoomForm    = form("a range of zooms", "8-16", `^[0-9]{1,2}\s*-\s*[0-9]{1,2}$`, nil)

	// Written holds the form of each type whose values are written as a text.
	Written = map[reflect.Type]*Form{
		reflect.TypeFor[model.Percent]():   percentForm,
		reflect.TypeFor[model.ZoomRange](): zoomForm,
	}
)

// Key is one key of a mapping in a declaration.
type Key struct {
	Name     string
	Required bool
	Field    reflect.StructField
	Rule     Rule
}

// Keys of the declaration that a struct type stands for, in the order of its fields. A key without omitempty is required.
func Keys(t reflect.Type) []Key {
	var keys []Key
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "-" || name == "" {
			continue
		}
		keys = append(keys, Key{Name: name, Required: !strings.Contains(options, "omitempty"), Field: f, Rule: Rules[t.Name()+"."+name]})
	}
	return keys
}
