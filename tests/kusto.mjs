// Parses Kusto queries with Microsoft's own language service, for kusto.py. Reads and prints JSON:
// {"tables": {"AppTraces": "(TimeGenerated: datetime, …)"}, "queries": {"name": "text"}} becomes
// {"name": {"mistakes": ["line:column message"], "members": ["outcome"], "values": {"outcome": ["failed"]}}}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// Each file sets globals, and the second uses those of the first; the package's own "main" is the second alone.
const require = createRequire(new URL("../local/package.json", import.meta.url));
require("@kusto/language-service-next/bridge.min.js");
require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
const { KustoCode, GlobalState, Symbols, Syntax } = globalThis.Kusto.Language;

const EQUALITIES = new Set(["==", "!=", "=~", "!~", "in", "!in", "in~", "!in~"]);

const array = (list) => globalThis.System.Linq.Enumerable.from(list ?? []).ToArray();
const sorted = (names) => [...new Set(names)].sort();

function nodesOf(root) {
  const nodes = [];
  Syntax.SyntaxElement.WalkNodes(root, (node) => nodes.push(node));
  return nodes;
}

// "code" of photo.code and photo["code"], where photo is dynamic; "*" where only the run tells which.
function memberOf(node) {
  const access = node instanceof Syntax.PathExpression || node instanceof Syntax.ElementExpression;
  if (!access || node.Expression.ResultType?.Name !== "dynamic") return null;
  if (node instanceof Syntax.PathExpression) return node.Selector.SimpleName;
  return node.Selector.Expression.ConstantValue ?? "*";
}

// The member that an operand shows, be it through tostring(…) or through a column that was set before.
function memberShownBy(operand) {
  if (operand instanceof Syntax.FunctionCallExpression) {
    const [argument] = array(operand.ArgumentList.Expressions);
    return argument ? memberShownBy(argument.Element) : null;
  }
  const source = operand.ReferencedSymbol?.Source;
  return source ? memberShownBy(source) : memberOf(operand);
}

function valuesIn(nodes) {
  const values = {};
  for (const { Left, Right, Operator } of nodes.filter((node) => EQUALITIES.has(node.Operator?.Text))) {
    const member = memberShownBy(Left);
    const strings = nodesOf(Right).filter((node) => node.IsLiteral && node.ResultType?.Name === "string");
    if (member && strings.length)
      values[member] = sorted([...(values[member] ?? []), ...strings.map((node) => node.LiteralValue)]);
  }
  return values;
}

function placed(text, { Start, Message }) {
  const before = text.slice(0, Start).split("\n");
  return `${before.length}:${before.at(-1).length + 1} ${Message}`;
}

function report(text, globals) {
  const code = KustoCode.ParseAndAnalyze(text, globals);
  const nodes = nodesOf(code.Syntax);
  const mistakes = array(code.GetDiagnostics()).map((diagnostic) => placed(text, diagnostic));
  // To the parser an empty text, a lone let and a management command are all in order.
  if (!mistakes.length && !array(code.ResultType?.Columns).length) mistakes.push("1:1 No query with a result.");
  const members = sorted(nodes.map(memberOf).filter((member) => member !== null));
  return { mistakes, members, values: valuesIn(nodes) };
}

const { tables, queries } = JSON.parse(readFileSync(0, "utf8"));
const symbols = Object.entries(tables).map(([name, schema]) => Symbols.TableSymbol.From(schema).WithName(name));
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("workspace", symbols));
const reports = Object.entries(queries).map(([name, text]) => [name, report(text, globals)]);
console.log(JSON.stringify(Object.fromEntries(reports)));
