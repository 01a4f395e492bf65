// Asks a server for all twelve operations of the contract through node-soap, and prints the answers as JSON.
//
// Told by the environment: PEER_URL (the end-point; its contract is fetched from ?wsdl), PEER_USER, PEER_PASSWORD.
// Prints {"text": answers, "digest": answers, "refused": faults}; the refs of a run begin with its kind of token.
"use strict";

const soap = require("soap");

const POLL_MS = 50;
const POLLS_MAX = 200; // Ten seconds.
const HOUR_MS = 3600 * 1000;
const CALLER_ID = "+15125550100";
const { PEER_URL, PEER_USER, PEER_PASSWORD } = process.env;

async function connect(password, options) {
  const client = await soap.createClientAsync(`${PEER_URL}?wsdl`);
  client.setSecurity(new soap.WSSecurity(PEER_USER, password, options));
  return client;
}

/** One operation: node-soap's answer is a list whose first entry is the body. */
async function ask(client, operation, values) {
  return (await client[`${operation}Async`](values))[0];
}

async function askForEverything(client, kind) {
  const answers = {};
  answers.VerifyCustomer = await ask(client, "VerifyCustomer", { userName: PEER_USER, password: PEER_PASSWORD });
  const { customerId } = answers.VerifyCustomer;
  // Out of the schema's order, as node-soap lets its users write.
  const school = { timeZone: "America/Chicago", phone: CALLER_ID, name: "Élan & Söhne <1>", schoolRef: "elm" };
  answers.RegisterSchool = await ask(client, "RegisterSchool", { ...school, districtCustomerId: customerId });
  const content = Buffer.from("RIFF\0\0wave").toString("base64");
  answers.UploadAudio = await ask(client, "UploadAudio", { audioRef: "a-1", mediaType: "audio/wav", content });
  answers.GetLineStatus = await ask(client, "GetLineStatus", { customerId });
  const windowEnd = new Date(answers.GetLineStatus.serverTime.getTime() + HOUR_MS).toISOString();
  answers.SubmitCalls = await ask(client, "SubmitCalls", batch(kind, customerId, answers.UploadAudio.audioId, windowEnd));
  answers.Repeated = await ask(client, "SubmitCalls", batch(kind, customerId, answers.UploadAudio.audioId, windowEnd));
  answers.CancelCalls = await ask(client, "CancelCalls", { ref: [`${kind}-unknown`] });
  answers.GetCallLog = await readLog(client, kind, 3);
  answers.LookupCalls = await ask(client, "LookupCalls", { ref: [`${kind}-1`, `${kind}-unknown`] });
  const text = { ref: `${kind}-t`, phone: "+15125550111", senderId: "82290", body: "Snow", emergency: true, windowEnd };
  answers.SubmitTexts = await ask(client, "SubmitTexts", { batchRef: "t", text: [text] });
  answers.GetInboundTexts = await ask(client, "GetInboundTexts", { maxRows: 10 });
  answers.GetRemoteDialIns = await ask(client, "GetRemoteDialIns", { maxRows: 10 });
  const { recordingId } = answers.GetRemoteDialIns.row[0];
  answers.FetchRecording = await ask(client, "FetchRecording", { recordingId });
  return answers;
}

function batch(kind, customerId, audioId, windowEnd) {
  const prompt = [{ kind: "TTS", text: "Schnee & Eis: <zu>" }, { kind: "AUDIO", audioId }];
  const call = { callerId: CALLER_ID, messageId: "m-1", emergency: false, windowEnd };
  return {
    customerId,
    batchRef: kind,
    message: [{ messageId: "m-1", language: "de", prompt, machinePrompt: [prompt[0]], ringSeconds: 20 }],
    call: [
      { ref: `${kind}-1`, phone: "+15125550101", ...call },
      { ref: `${kind}-2`, phone: "+15125550102", ...call, ttsText: "Guten Tag" },
      { ref: `${kind}-3`, phone: "+15125550103", ...call, emergency: true },
      { ref: `${kind}-4`, phone: "+15125550104", ...call, messageId: "m-unknown" },
    ],
  };
}

/** Page through the log until it holds as many rows of this run; the pages are read one row at a time. */
async function readLog(client, kind, count) {
  const rows = [];
  let cursor;
  for (let polls = 0; polls < POLLS_MAX; polls += 1) {
    const page = await ask(client, "GetCallLog", { ...(cursor && { cursor }), maxRows: 1 });
    rows.push(...(page.row || []).filter((row) => row.ref.startsWith(kind)));
    if (rows.length === count) return rows;
    cursor = page.nextCursor;
    if (!page.more) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`the log held ${rows.length} rows of ${count} in the end`);
}

/** What a refused request comes back as: the HTTP status, the fault code and the declared ProviderFault. */
async function refusal(client, operation, values) {
  try {
    return { answer: await ask(client, operation, values) };
  } catch (error) {
    const fault = error.root.Envelope.Body.Fault;
    return { status: error.response.status, faultcode: fault.faultcode, ...fault.detail.ProviderFault };
  }
}

async function main() {
  const text = await connect(PEER_PASSWORD, { passwordType: "PasswordText", mustUnderstand: true });
  const digest = await connect(PEER_PASSWORD, { passwordType: "PasswordDigest", hasTimeStamp: false });
  const stranger = await connect("guessed", { passwordType: "PasswordDigest" });
  const report = {
    text: await askForEverything(text, "text"),
    digest: await askForEverything(digest, "digest"),
    refused: {
      password: await refusal(stranger, "GetLineStatus", {}),
      cursor: await refusal(digest, "GetCallLog", { cursor: "never given", maxRows: 1 }),
      rows: await refusal(digest, "GetCallLog", {}),
    },
  };
  process.stdout.write(JSON.stringify(report));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
