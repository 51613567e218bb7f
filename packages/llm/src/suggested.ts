/** Any string, of which an editor offers the known ones. `Known` names what is known today; nothing else is refused. */
export type Suggested<Known extends string> = Known | (string & {});
