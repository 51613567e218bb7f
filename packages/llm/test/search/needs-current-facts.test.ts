import { describe, expect, test } from "vitest";
import { type FreshnessDecision, needsCurrentFacts } from "../../src/index.ts";

/** In May 2026. */
const NOW = Date.UTC(2026, 4, 20);

/** What a question should come to: `search`, or nothing (`answer` and `unsure` alike). */
const SEARCHED: Readonly<Record<string, readonly string[]>> = {
  English: [
    "What's the weather in Oslo tomorrow?",
    "Who is the current president of France?",
    "Who is the CEO of OpenAI?",
    "who's the mayor of Berlin",
    "What is the latest version of Node.js?",
    "bitcoin price",
    "How much does a Tesla Model 3 cost?",
    "Who won the match last night?",
    "Did Arsenal win yesterday?",
    "Give me today's headlines.",
    "What happened in the 2026 elections in Hungary?",
    "What are the visa rules for Japan in 2026?",
    "When does GTA 6 come out?",
    "Is Node 20 still supported?",
    "Is the Louvre open on Monday?",
    "next train from Bern to Zurich",
    "What's new in Python 3.15?",
    "Search the web for reviews of the Framework laptop",
    "What does https://example.com/blog say about cheese?",
    "Why did the stock market fall today?",
    "Has the new iPhone been released yet?",
    "Hi, what's the weather in Oslo today?",
  ],
  German: [
    "Wie wird das Wetter morgen in Köln?",
    "Wer ist der aktuelle Bundeskanzler?",
    "Was kostet ein Liter Diesel heute?",
    "Neueste Nachrichten aus der Ukraine",
    "Wann erscheint die nächste Version von Ubuntu?",
    "Wie hat Bayern gestern gespielt?",
    "Welche Öffnungszeiten hat das Pergamonmuseum?",
    "Wie steht der DAX?",
  ],
  French: [
    "Quel temps fera-t-il demain à Lyon ?",
    "Qui est le premier ministre du Canada ?",
    "Quelles sont les dernières nouvelles sur le climat ?",
    "Combien coûte un iPhone 17 ?",
    "À quelle heure ouvre le musée d’Orsay ?",
    "Y a-t-il une grève demain à Paris ?",
  ],
  Spanish: [
    "¿Quién ganó el partido de ayer?",
    "¿Qué tiempo hace en Madrid?",
    "¿Cuánto cuesta el dólar hoy?",
    "¿Cuál es la última versión de Android?",
    "¿Quién es el presidente de Argentina?",
    "¿Qué películas se estrenan esta semana?",
  ],
};

const NOT_SEARCHED: Readonly<Record<string, readonly string[]>> = {
  "what does not change": [
    "What is a monad?",
    "Explain how photosynthesis works.",
    "Why is the sky blue?",
    "Who wrote Don Quixote?",
    "What is the capital of Australia?",
    "Who won the 1966 World Cup?",
    "What happened in 1989 in Berlin?",
    "What is a stock price?",
    "Was ist der Sinn des Lebens?",
    "Wer war der erste Bundeskanzler?",
    "Pourquoi le ciel est-il bleu ?",
    "¿Qué es un agujero negro?",
  ],
  "what can be worked out": [
    "What is 17 * 23?",
    "Solve x^2 - 5x + 6 = 0",
    "Calculate the current through a 10 ohm resistor at 5 volts",
  ],
  code: [
    "Write a function that fetches the latest bitcoin price",
    "How do I sort a list in Python?",
    "Fix the type error in this code:\n```ts\nconst today = latest()\n```",
    "Refactor this class to use the newest syntax",
  ],
  translation: [
    "Translate “What is the weather today?” into German.",
    "Translate to French: the latest news is good",
    "Übersetze: Wie ist das Wetter heute?",
    "Traduis : quel temps fait-il aujourd’hui ?",
    "¿Cómo se dice 'hoy' en inglés?",
  ],
  "words that are given": [
    "Rewrite this: prices today are up and the news is bad",
    "Summarize this text: the market fell today, the news said.",
    "Write an email to my landlord about the rent this month",
    "Escribe un correo a mi jefe para pedir vacaciones mañana",
    `What does this say?\n${"The weather today is fine, the news said. ".repeat(60)}`,
  ],
  "what is made up": [
    "Write a poem about tomorrow's weather",
    "Tell me a joke about the latest iPhone",
    "Schreibe ein Gedicht über den heutigen Tag",
    "Écris un poème sur demain",
    "Escribe un cuento sobre el clima de hoy",
    "Imagine it is 2027 and describe the city",
  ],
  "talk between the two": [
    "How are you today?",
    "Thanks!",
    "Guten Morgen!",
    "What time is it?",
    "I feel sad today",
    "Remind me what we discussed yesterday",
  ],
  "what the user forbids": ["What is the weather today? Answer from memory, do not search."],
  "what nothing is known of": [
    "Tell me about Mount Everest",
    "Compare cats and dogs",
    "今天天气怎么样？",
    "Write 2026 words about trees",
    "What is the actual cause of tides?",
  ],
};

function decide(question: string, knowledgeCutoff?: string): FreshnessDecision {
  return needsCurrentFacts(question, { now: NOW, ...(knowledgeCutoff === undefined ? {} : { knowledgeCutoff }) });
}

describe.each(Object.entries(SEARCHED))("searches in %s", (_language, questions) => {
  test.each(questions)("%s", (question) => expect(decide(question)).toMatchObject({ decision: "search" }));
});

describe.each(Object.entries(NOT_SEARCHED))("does not search for %s", (_kind, questions) => {
  test.each(questions)("%s", (question) => expect(decide(question).decision).not.toBe("search"));
});

describe("the decision", () => {
  test("is explained by signals whose weights make the score", () => {
    const { decision, score, reasons } = decide("What is the weather in Oslo today?");
    expect(decision).toBe("search");
    expect(reasons.map(({ signal, weight }) => [signal, weight])).toEqual([
      ["weather", 4],
      ["now", 2],
      ["question", 1],
    ]);
    expect(score).toBe(7);
    expect(reasons[0]?.detail).toBe("weather changes by the hour: “weather”");
  });

  test("is one of three: to search, to answer, and not to know", () => {
    expect(decide("Why is the sky blue?").decision).toBe("answer");
    expect(decide("Tell me about Mount Everest").decision).toBe("unsure");
    expect(decide("").decision).toBe("unsure");
  });

  test.each([
    ["Who hosted the games in 2024?", "2023-10", "year-after-knowledge"],
    ["Who hosted the games in 2024?", "2024-06", "year-of-cutoff"],
    ["Who hosted the games in 2024?", "2025-03", "past-year"],
    ["Who hosts the games in 2026?", undefined, "recent-year"],
    ["Who hosted the games in 1936?", undefined, "past-year"],
    ["Who fought in 1066?", undefined, "past-year"],
  ])("%s, known until %s: %s", (question, cutoff, signal) => {
    expect(decide(question, cutoff).reasons.map((reason) => reason.signal)).toContain(signal);
  });

  test.each(["2048 is a game", "It costs $2026", "listen on port 2025", "an essay of 2000 words", "1.2026"])(
    "takes no amount for a year: %s",
    (text) => expect(decide(text).reasons.filter(({ signal }) => signal.includes("year"))).toEqual([]),
  );

  test("does not take a German “hier” for a French yesterday, nor an English “actual” for a Spanish now", () => {
    expect(decide("Wer hat hier das Haus gebaut?").reasons.map(({ signal }) => signal)).not.toContain("now");
    expect(decide("What is the actual value of the house?").reasons.map(({ signal }) => signal)).not.toContain("now");
  });

  test.each([
    ["lines", "\n".repeat(200_000)],
    ["beginnings of phrases", "who is the ".repeat(20_000)],
    ["open quotations", '"a b c d '.repeat(30_000)],
    ["quoted lines", ">".repeat(100_000)],
    ["frames of a stack", " at x (".repeat(50_000)],
    ["digits", "1".repeat(100_000)],
  ])("reads a long text of %s without trying every way of reading it", (_name, text) => {
    // Quadratic reading would take minutes and end in the runner's limit.
    expect(decide(text).decision).not.toBe("search");
  });
});
