/** Which choice each session has come to; at most so many, the one unused for longest forgotten first. */
export interface StickySessions<Choice> {
  /** Undefined for a session that is unknown, and for no session. */
  peek(session: string | undefined): Choice | undefined;
  keep(session: string | undefined, choice: Choice): void;
}

export function createStickySessions<Choice>(sessionsMax: number): StickySessions<Choice> {
  const choices = new Map<string, Choice>();
  return {
    peek: (session) => (session === undefined ? undefined : choices.get(session)),
    keep(session, choice) {
      if (session === undefined || sessionsMax <= 0) return;
      choices.delete(session);
      choices.set(session, choice);
      const [oldest] = choices.size > sessionsMax ? choices.keys() : [];
      if (oldest !== undefined) choices.delete(oldest);
    },
  };
}
