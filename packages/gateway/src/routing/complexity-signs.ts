/**
 * The signs by which a request is taken for simple or hard, with their weights in log odds: 1 takes an even chance to 73 %. The weights were set
 * by hand on one half of the prompts in `test/routing/labelled-prompts.ts` and are measured on the other; `dragoman route eval` measures
 * them on your own calls. No pattern has a repetition without a bound, so that none takes longer than the text is long.
 */
import type { QuestionFacts } from "./complexity-of.ts";
import { countListItems, holdsCode } from "./question-text.ts";

export interface Sign {
  readonly name: string;
  /** Positive speaks for hard. */
  readonly weight: number;
  readonly holds: (facts: QuestionFacts) => boolean;
}

const says = (pattern: RegExp) => (facts: QuestionFacts) => pattern.test(facts.text);
/** Said of a short question only: in a long one the words are about something else. */
const asks = (pattern: RegExp, wordsMax: number) => (facts: QuestionFacts) => facts.words <= wordsMax && pattern.test(facts.text);

const HARD_EFFORTS: ReadonlySet<string> = new Set(["high", "xhigh", "max"]);
const EASY_EFFORTS: ReadonlySet<string> = new Set(["none", "minimal"]);

export const SIGNS: readonly Sign[] = [
  {
    name: "asks for a proof or a derivation",
    weight: 2.4,
    holds: says(/\b(?:prove|proof|disprove|derive|derivation|theorem|lemma|by induction|contradiction)\b/i),
  },
  {
    name: "asks for a design",
    weight: 2,
    holds: says(
      /\b(?:architect(?:ure)?|design (?:a|an|the|our)|trade-?offs?|scal(?:e to|ability|able)|fault[- ]toleran(?:t|ce)|data model|threat model|migration plan|strategy for|roadmap)\b/i,
    ),
  },
  {
    name: "asks to find a fault",
    weight: 1.9,
    holds: says(
      /\b(?:debug|fix (?:the|this|my|a) (?:bug|code|function|test|error|crash|leak)|find the (?:bug|error|flaw|fault)|race condition|deadlock|memory leak|stack trace|traceback|segfault|root cause|why (?:does|is|do|are|did) .{0,80}(?:fail|wrong|slow|crash|hang|leak|drop|time out))/i,
    ),
  },
  {
    name: "asks to write or to change code",
    weight: 1.6,
    holds: says(
      /\b(?:implement|refactor|rewrite (?:this|the|our|my) (?:code|function|class|module|service)|migrate|optimi[sz]e|vectori[sz]e|paralleli[sz]e|write (?:me )?(?:a|an|the) (?:\w{1,20} ){0,3}(?:function|class|program|script|parser|tests?|service|compiler|library|plugin|component|algorithm))\b/i,
    ),
  },
  {
    name: "asks for reasoning",
    weight: 1.4,
    holds: says(
      /\b(?:step[- ]by[- ]step|reason (?:through|about)|think (?:hard|carefully|through)|analy[sz]e|analysis|compare|critique|evaluate|justify|argue|assess|implications|what would happen if|pros and cons|in depth|thorough(?:ly)?|constraints?)\b/i,
    ),
  },
  {
    name: "asks for a plan or a long piece",
    weight: 1.3,
    holds: says(
      /\b(?:plan (?:a|an|the|our|my|for)|essay|white ?paper|report on|business case|proposal|specification|review (?:the|this|our|my)|negotiat(?:e|ion)|forecast|estimate (?:the|how))\b/i,
    ),
  },
  {
    name: "asks for a calculation in several steps",
    weight: 1.3,
    holds: says(
      /\b(?:probability|expected value|integral|integrate|differential|eigen\w{0,10}|matrix|polynomial|modulo|how many ways|optimal|minimi[sz]e|maximi[sz]e|solve|puzzle|schedule)\b|[∑∫√∂≤≥≠]|\\(?:frac|sum|int|sqrt)/i,
    ),
  },
  { name: "holds code", weight: 0.7, holds: ({ text }) => holdsCode(text) },
  { name: "makes several demands", weight: 1, holds: ({ text }) => countListItems(text) >= 4 },
  { name: "is a long question", weight: 0.8, holds: ({ words }) => words > 250 },
  { name: "stands on a long prompt", weight: 0.6, holds: ({ length }) => length > 24_000 },
  { name: "offers tools", weight: 0.8, holds: ({ request }) => (request.tools?.length ?? 0) > 0 },
  { name: "is in the middle of tool calls", weight: 0.8, holds: ({ request }) => request.messages.at(-1)?.role === "tool" },
  { name: "asks to think much", weight: 2, holds: ({ request }) => HARD_EFFORTS.has(request.reasoning?.effort ?? "") },
  { name: "asks not to think", weight: -1, holds: ({ request }) => EASY_EFFORTS.has(request.reasoning?.effort ?? "") },
  {
    name: "is a greeting or thanks",
    weight: -2.4,
    holds: asks(/^\W{0,4}(?:hi|hello|hey|thanks|thank you|good (?:morning|evening|night)|ok(?:ay)?|bye|cheers)\b/i, 8),
  },
  {
    name: "asks to classify or to extract",
    weight: -1.9,
    holds: says(
      /\b(?:classif(?:y|ication)|categori[sz]e|label (?:the|this|each)|extract (?:the|all|any|every)|sentiment|spam or|true or false|yes or no|positive or negative|which (?:language|category)|pull out|tag (?:this|the|each))\b/i,
    ),
  },
  {
    name: "asks to translate",
    weight: -1.9,
    holds: says(/\b(?:translat(?:e|ion)|in (?:french|german|spanish|italian|japanese|english)\?)/i),
  },
  {
    name: "asks to reword or to sum up",
    weight: -1.6,
    holds: says(
      /\b(?:summari[sz]e|summary|tl;?dr|rephrase|reword|paraphrase|proofread|shorten|(?:more|less) (?:formal|polite|friendly|casual)|correct (?:the|my) (?:spelling|grammar)|fix (?:the|my) (?:spelling|grammar|typos?|punctuation)|bullet points?|subject line|headline|title for)\b/i,
    ),
  },
  {
    name: "asks to bring into another form",
    weight: -1.6,
    holds: says(
      /\b(?:convert|format (?:this|the|these)|(?:to|into|as) (?:json|csv|yaml|markdown|uppercase|lowercase|title case|celsius|fahrenheit|kilomet\w{0,4}|miles|iso 8601)|sort (?:these|this|the)|alphabeti(?:cal|[sz]e)|capitali[sz]e|remove (?:the )?duplicates|roman numerals?|count the|in reverse)\b/i,
    ),
  },
  {
    name: "asks for a fact",
    weight: -1.4,
    holds: asks(
      /^\W{0,4}(?:what(?: i|')s|what (?:is|are|was|does|year|colou?r|day)|who (?:is|was|wrote|invented|painted)|when (?:did|was|is)|where (?:is|was|are|do)|how (?:many|old|tall|far|long|much|do you (?:say|spell))|which|define|name|list|give me|spell|capital of|meaning of)\b/i,
      20,
    ),
  },
  {
    name: "wants a short answer",
    weight: -1,
    holds: ({ request, text }) =>
      (request.maxOutputTokens ?? 10_000) <= 64 ||
      /\b(?:in one (?:word|sentence|line)|one word|briefly|short answer|just the (?:answer|number|name)|answer with|reply with|only the)\b/i.test(
        text,
      ),
  },
  { name: "is short", weight: -0.4, holds: ({ words, english, text }) => english && words <= 12 && !text.includes("```") },
];
