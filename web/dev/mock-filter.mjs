// The mock server's reading of the filter language: a small recursive-descent parser.

const TOKEN =
  /\s*(?:(>=|<=|!=|=|>|<|\(|\)|,)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|`([^`]+)`|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*))/y;

function tokenize(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  let at = 0;
  while (text.slice(at).trim() !== "") {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) {
      throw new Error(`unexpected character at ${at + 1}: ${text.slice(at, at + 8)}`);
    }
    at = TOKEN.lastIndex;
    const [, op, string, quoted, number, word] = match;
    if (op !== undefined) tokens.push({ kind: "op", text: op });
    else if (string !== undefined) {
      tokens.push({ kind: "value", value: string.slice(1, -1).replace(/\\(.)/g, "$1") });
    } else if (quoted !== undefined) tokens.push({ kind: "name", text: quoted });
    else if (number !== undefined) tokens.push({ kind: "value", value: Number(number) });
    else tokens.push({ kind: "word", text: word });
  }
  return tokens;
}

const compare = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** Turns `text` into a predicate over events; `read(event, name)` fetches a field. */
export function parseFilter(text, read) {
  if (text === undefined || text === null || text.trim() === "") {
    return () => true;
  }
  const tokens = tokenize(text);
  let at = 0;
  const isWord = (word) => tokens[at]?.kind === "word" && tokens[at].text.toLowerCase() === word;
  const takeWord = (word) => isWord(word) && (at += 1) > 0;
  const takeOp = (op) => tokens[at]?.kind === "op" && tokens[at].text === op && (at += 1) > 0;
  const need = (found, what) => {
    if (!found) throw new Error(`expected ${what} at item ${at + 1} of the filter`);
  };

  function value() {
    if (tokens[at]?.kind === "value") return tokens[at++].value;
    if (takeWord("true")) return true;
    if (takeWord("false")) return false;
    throw new Error(`expected a value at item ${at + 1} of the filter`);
  }
  function list() {
    need(takeOp("("), '"("');
    const values = [value()];
    while (takeOp(",")) values.push(value());
    need(takeOp(")"), '")"');
    return new Set(values);
  }
  function test() {
    if (takeOp("(")) {
      const inner = either();
      need(takeOp(")"), '")"');
      return inner;
    }
    const token = tokens[at];
    need(token !== undefined && (token.kind === "word" || token.kind === "name"), "a name");
    at += 1;
    const name = token.text;
    if (takeWord("is")) {
      const negated = takeWord("not");
      need(takeWord("null"), '"null"');
      return (event) => (read(event, name) === null) !== negated;
    }
    const negated = takeWord("not");
    if (takeWord("in")) {
      const values = list();
      return (event) => {
        const found = read(event, name);
        return found !== null && values.has(found) !== negated;
      };
    }
    const op = tokens[at];
    need(op?.kind === "op" && compare[op.text] !== undefined, "an operator");
    at += 1;
    const wanted = value();
    return (event) => {
      const found = read(event, name);
      return found !== null && compare[op.text](found, wanted);
    };
  }
  function negation() {
    if (takeWord("not")) {
      const inner = negation();
      return (event) => !inner(event);
    }
    return test();
  }
  function both() {
    let left = negation();
    while (takeWord("and")) {
      const [a, b] = [left, negation()];
      left = (event) => a(event) && b(event);
    }
    return left;
  }
  function either() {
    let left = both();
    while (takeWord("or")) {
      const [a, b] = [left, both()];
      left = (event) => a(event) || b(event);
    }
    return left;
  }
  const result = either();
  need(at === tokens.length, "the end");
  return result;
}
