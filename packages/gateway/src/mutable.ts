/** A value while it is put together, where this is done field by field: a spread for each field that may be absent costs too much at every call. */
export type Mutable<Value> = { -readonly [Field in keyof Value]: Value[Field] };
