/**
 * Names of documents: letters, digits, single spaces, hyphens, parentheses and square brackets, and no two alike in one
 * request. Source: `DocumentBlock.name` of @aws-sdk/client-bedrock-runtime.
 */
const LENGTH_MAX = 200;

export interface DocumentNames {
  /** The name that goes over for one that the caller gave, or for none. */
  next(name: string | undefined): string;
}

export function createDocumentNames(): DocumentNames {
  const taken = new Set<string>();
  let unnamed = 0;

  function unique(name: string): string {
    let free = name;
    for (let count = 2; taken.has(free); count++) free = `${name} (${count})`;
    taken.add(free);
    return free;
  }

  return {
    next(name) {
      const allowed = name === undefined ? "" : allowedName(name);
      if (allowed !== "") return unique(allowed);
      unnamed += 1;
      return unique(`document-${unnamed}`);
    },
  };
}

/** The format says what the ending would. */
function allowedName(name: string): string {
  return name
    .replace(/\.(?:csv|docx?|html?|md|pdf|txt|xlsx?)$/i, "")
    .replace(/[^\p{L}\p{N}\s()[\]-]+/gu, "-")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, LENGTH_MAX)
    .trim();
}
