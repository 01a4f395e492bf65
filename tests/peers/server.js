// A carrier of its own behind node-soap: serves the contract from its WSDL, rings no phone, and remembers every call.
//
// Told by the environment: PEER_WSDL (path), PEER_USER, PEER_PASSWORD, PEER_PHONES (JSON, {phone: [disposition, ...]};
// a phone not named there answers and presses 0, RINGS_ON is a phone that rings for a minute), PEER_CERT and PEER_KEY (PEM paths, for https). Prints {"url"} when it
// listens; when its standard input ends it prints {"calls"}, what it took in order, and ends.
"use strict";

const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const soap = require("soap");

const NAMESPACE = "urn:shoutpoint:callprovider:v1";
const PATH = "/soap";
const RING_MS = 100;
const TALK_MS = 150;
const RING_ON_MS = 60 * 1000;
const LINES = 2;
const PAGE_ROWS = 2; // Small, so that a client has to follow the cursor.
const ITEMS_MAX = 1000;

const environment = process.env;
const phones = new Map(Object.entries(JSON.parse(environment.PEER_PHONES || "{}")));

// ---------------------------------------------------------------- the carrier

const calls = new Map(); // by ref, in the order they were taken
const canceled = new Set(); // refs withdrawn before they came
const log = []; // ended calls, in the order they ended
const schools = new Map();
const audio = new Map();
let linesFreeAt = new Array(LINES).fill(0); // soonest first; a withdrawn call keeps its line until it would have ended

/** Everything that is over by now goes to the log. */
function settle() {
  const due = [...calls.values()].filter((call) => call.state === "OPEN" && call.endsAt <= Date.now());
  due.sort((one, other) => one.endsAt - other.endsAt);
  for (const call of due) end(call, call.disposition);
}

function end(call, disposition) {
  call.state = disposition === "CANCELED" ? "CANCELED" : "FINISHED";
  call.disposition = disposition;
  log.push(call);
}

/** A call takes the first line that is free, rings, and is over: what its phone does is decided at once. */
function dial({ ref, phone }) {
  const word = (phones.get(phone) || []).shift() || "ANSWERED";
  const startsAt = Math.max(Date.now(), linesFreeAt[0]);
  const stopsRingingAt = startsAt + (word === "RINGS_ON" ? RING_ON_MS : RING_MS);
  const endsAt = stopsRingingAt + (word === "ANSWERED" ? TALK_MS : 0);
  linesFreeAt = [...linesFreeAt.slice(1), endsAt].sort((one, other) => one - other);
  const providerId = `N${calls.size + 1}`;
  const disposition = word === "RINGS_ON" ? "NO_ANSWER" : word;
  calls.set(ref, { ref, phone, providerId, disposition, startsAt, stopsRingingAt, endsAt, state: "OPEN" });
  return providerId;
}

function take(asked, messages) {
  const known = calls.get(asked.ref);
  if (known) return { ref: asked.ref, status: "DUPLICATE", providerId: known.providerId };
  const reason = refusal(asked, messages);
  if (reason) return { ref: asked.ref, status: "REJECTED", reason };
  return { ref: asked.ref, status: "ACCEPTED", providerId: dial(asked) };
}

function refusal(asked, messages) {
  if (canceled.has(asked.ref)) return "CANCELED";
  if (!(asked.windowEnd.getTime() > Date.now())) return "EXPIRED";
  return messages.has(asked.messageId) || asked.ttsText || asked.audioId ? null : "NO_MESSAGE";
}

function withdraw(ref) {
  const call = calls.get(ref);
  if (!call) canceled.add(ref);
  else if (call.state === "OPEN" && call.stopsRingingAt > Date.now()) end(call, "CANCELED");
  return { ref, outcome: call ? stateOf(call) : "UNKNOWN" };
}

function stateOf(call) {
  if (call.state !== "OPEN") return call.state;
  return call.startsAt > Date.now() ? "QUEUED" : "IN_PROGRESS";
}

/** node-soap writes a Date as an empty element, so times go out as text. */
function row(call) {
  const answered = call.disposition === "ANSWERED";
  return {
    ref: call.ref,
    providerId: call.providerId,
    phone: call.phone,
    disposition: call.disposition,
    dialedAt: new Date(call.startsAt).toISOString(),
    ...(answered && { answeredAt: new Date(call.stopsRingingAt).toISOString() }),
    durationMs: answered ? TALK_MS : 0,
    ...(answered && { playedMs: TALK_MS, keys: "0" }),
    ...(call.disposition === "MACHINE" && { messageLeft: true }),
  };
}

// ---------------------------------------------------------------- the operations

let requests = 0;

function refuse(code, sentence) {
  const detail = { ProviderFault: { attributes: { xmlns: NAMESPACE }, code, retryable: false } };
  throw { Fault: { faultcode: "soap:Client", faultstring: sentence, detail, statusCode: 500 } };
}

function page(rows, asked) {
  const begin = asked.cursor ? Number(asked.cursor.slice(1)) : 0;
  if (!(begin >= 0 && begin <= rows.length)) refuse("BAD_CURSOR", "There is no such cursor.");
  const end = Math.min(begin + Math.min(asked.maxRows, PAGE_ROWS), rows.length);
  return { nextCursor: `n${end}`, more: end < rows.length, row: rows.slice(begin, end) };
}

function counted(result) {
  const rejected = result.filter((one) => one.status === "REJECTED").length;
  return { accepted: result.length - rejected, rejected, result };
}

/** The same reference gets the same identity for ever. */
function register(known, ref, mark) {
  if (!known.has(ref)) known.set(ref, `${mark}${known.size + 1}`);
  return known.get(ref);
}

const OPERATIONS = {
  VerifyCustomer(asked) {
    const right = asked.userName === environment.PEER_USER && asked.password === environment.PEER_PASSWORD;
    return right ? { customerId: "district-1" } : refuse("AUTH", "User name or password is wrong.");
  },
  RegisterSchool: (asked) => ({ customerId: register(schools, asked.schoolRef, "school-") }),
  UploadAudio: (asked) => ({ audioId: register(audio, asked.audioRef, "audio-") }),
  SubmitCalls(asked) {
    if (asked.call.length > ITEMS_MAX) refuse("TOO_MANY", "There are too many calls in one message.");
    const reused = asked.call.some((call) => calls.has(call.ref) && calls.get(call.ref).phone !== call.phone);
    if (reused) refuse("REF_REUSED", "A reference was used with another phone.");
    const messages = new Set((asked.message || []).map((message) => message.messageId));
    return counted(asked.call.map((call) => take(call, messages)));
  },
  GetCallLog(asked) {
    return page(log.map(row), asked);
  },
  LookupCalls: (asked) => ({
    result: asked.ref.map((ref) => {
      const call = calls.get(ref);
      const state = call ? stateOf(call) : "UNKNOWN";
      return { ref, state, ...(state === "FINISHED" && { row: row(call) }) };
    }),
  }),
  CancelCalls: (asked) => ({ result: asked.ref.map(withdraw) }),
  GetLineStatus() {
    const states = [...calls.values()].map(stateOf);
    const linesInUse = states.filter((state) => state === "IN_PROGRESS").length;
    return {
      linesTotal: LINES,
      linesInUse,
      queued: states.filter((state) => state === "QUEUED").length,
      queuedEmergency: 0,
      serverTime: new Date().toISOString(),
      center: [{ name: "Node", state: "UP", linesTotal: LINES, linesInUse }],
    };
  },
  SubmitTexts: (asked) => counted(asked.text.map((text) => ({ ref: text.ref, status: "REJECTED", reason: "NO_TEXTS" }))),
  GetInboundTexts: (asked) => page([], asked),
  GetRemoteDialIns: (asked) => page([], asked),
  FetchRecording: () => refuse("NOT_FOUND", "There is no such recording."),
};

function served(operation) {
  return (asked) => {
    settle();
    requests += 1;
    return { requestId: `node-${requests}`, ...operation(asked || {}) };
  };
}

// ---------------------------------------------------------------- who asks

function authenticate(security) {
  const token = security && security.UsernameToken;
  if (!token || textOf(token.Username) !== environment.PEER_USER) return false;
  const expected = isDigest(token)
    ? soap.passwordDigest(textOf(token.Nonce), textOf(token.Created), environment.PEER_PASSWORD)
    : environment.PEER_PASSWORD;
  return textOf(token.Password) === expected;
}

function isDigest(token) {
  return String(token.Password.attributes && token.Password.attributes.Type).endsWith("#PasswordDigest");
}

/** An element with attributes is an object to node-soap, one without is its text. */
function textOf(element) {
  return element && typeof element === "object" ? element.$value : element;
}

// ---------------------------------------------------------------- life

function main() {
  const secure = environment.PEER_CERT !== undefined;
  const web = secure
    ? https.createServer({ cert: fs.readFileSync(environment.PEER_CERT), key: fs.readFileSync(environment.PEER_KEY) })
    : http.createServer();
  const port = Object.fromEntries(Object.entries(OPERATIONS).map(([name, operation]) => [name, served(operation)]));
  web.listen(0, "127.0.0.1", () => {
    const services = { CallProvider: { CallProviderSoap: port } };
    const xml = fs.readFileSync(environment.PEER_WSDL, "utf8");
    const url = `${secure ? "https" : "http"}://127.0.0.1:${web.address().port}${PATH}`;
    const ready = (error) => (error ? fail(error) : say({ url }));
    soap.listen(web, { path: PATH, services, xml, callback: ready }).authenticate = authenticate;
  });
  process.stdin.resume().on("end", () => {
    say({ calls: [...calls.values()].map(({ ref, phone, disposition }) => ({ ref, phone, disposition })) });
    web.close();
    web.closeAllConnections();
  });
}

function say(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function fail(error) {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}

main();
