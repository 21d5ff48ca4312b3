// The few lines a script needs: ask before a call, write it down after. Shown at the first run and under Connection; a
// test runs them. Not here: anything that needs more than the language's own library.
import { connection as words } from "../words.js";

/** [[name, code, remark]…] for a server at `address`. Code is plain text, at most 78 columns. */
export function snippets(address) {
  const url = `http://${address}/v1`;
  return [
    [
      "curl",
      `# ask: fails when a budget says no
curl -fsS ${url}/check \\
  -H 'content-type: application/json' \\
  -d '{"provider":"openai","model":"gpt-5-mini",
       "input_tokens":1200,"max_output_tokens":500}'

# … your call …

# tell: what it used
curl -fsS ${url}/record \\
  -H 'content-type: application/json' \\
  -d '{"provider":"openai","model":"gpt-5-mini",
       "input_tokens":1200,"output_tokens":310}'`,
      words.ofCurl,
    ],
    [
      "Python",
      `import json, urllib.request

def spendlight(path, **body):
    request = urllib.request.Request(
        "${url}/" + path, json.dumps(body).encode(),
        {"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request))

call = {"provider": "openai", "model": "gpt-5-mini"}
asked = spendlight("check", **call, reserve=True,
                   input_tokens=1200, max_output_tokens=500)

# … your call …

spendlight("record", **call, call_id=asked["call_id"],
           input_tokens=1200, output_tokens=310)`,
      words.ofPython,
    ],
    [
      "Node",
      `const spendlight = async (path, body) => {
  const answer = await fetch("${url}/" + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error("Spendlight: " + answer.status);
  return answer.json();
};

const call = { provider: "openai", model: "gpt-5-mini" };
const { call_id } = await spendlight("check", {
  ...call, input_tokens: 1200, max_output_tokens: 500, reserve: true });

// … your call …

await spendlight("record", {
  ...call, call_id, input_tokens: 1200, output_tokens: 310 });`,
      words.ofNode,
    ],
    [
      words.snippets.reply,
      `# hand over the provider's own answer, saved as reply.json
jq '{provider: "openai", response: .}' reply.json |
  curl -fsS ${url}/record \\
    -H 'content-type: application/json' -d @-`,
      words.ofReply,
    ],
  ];
}
