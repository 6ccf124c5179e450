// Downloads from the fake hub with the official JavaScript client; prints one line a check.
import { createHash } from "node:crypto";
import { downloadFile, fileDownloadInfo, listFiles, modelInfo, whoAmI } from "@huggingface/hub";

const hubUrl = process.env.HF_ENDPOINT;
const accessToken = process.env.TOKEN;
const repo = { type: "model", name: "alice/pixel" };
const path = "pixel.safetensors";

async function check(name, body) {
  try {
    await body();
    console.log(`ok js: ${name}`);
  } catch (e) {
    console.log(`not ok js: ${name}: ${String(e.message ?? e).slice(0, 200)}`);
  }
}

function need(truth, what) {
  if (!truth) throw new Error(what);
}

let sha256;

await check("listing has the files with their hashes", async () => {
  const files = [];
  for await (const file of listFiles({ repo, hubUrl, recursive: true })) files.push(file);
  const file = files.find((each) => each.path === path);
  need(file && file.size > 2_000_000, "file not listed");
  sha256 = file.lfs.oid;
  need(sha256.length === 64, "no hash listed");
});

await check("download information by a ranged request", async () => {
  const info = await fileDownloadInfo({ repo, path, hubUrl });
  need(info && info.size > 2_000_000, `size ${info?.size}`);
  need(info.etag, "no etag");
});

await check("download has the listed hash", async () => {
  const blob = await downloadFile({ repo, path, hubUrl });
  const bytes = Buffer.from(await blob.arrayBuffer());
  need(createHash("sha256").update(bytes).digest("hex") === sha256, "other bytes");
});

await check("a slice of a download", async () => {
  const blob = await downloadFile({ repo, path, hubUrl });
  const slice = new Uint8Array(await blob.slice(8, 12).arrayBuffer());
  need(Buffer.from(slice).toString() === '{"w"', "other bytes");
});

await check("small file that the hub serves itself", async () => {
  const blob = await downloadFile({ repo, path: "README.md", hubUrl });
  need((await blob.text()) === "# Pixel\n", "other text");
});

await check("gated file with a token", async () => {
  const gated = { type: "model", name: "alice/gated" };
  const blob = await downloadFile({ repo: gated, path: "g.safetensors", hubUrl, accessToken });
  need((await blob.arrayBuffer()).byteLength > 18_000, "too short");
});

await check("information about a model, and who asks", async () => {
  need((await modelInfo({ name: repo.name, hubUrl })).name === repo.name, "other name");
  need((await whoAmI({ hubUrl, accessToken })).name === "alice", "other user");
});

await check("a missing file is null, a gated one an error", async () => {
  need((await downloadFile({ repo, path: "nothing.bin", hubUrl })) === null, "not null");
  let refused = false;
  try {
    await downloadFile({ repo: { type: "model", name: "alice/gated" }, path: "g.safetensors", hubUrl });
  } catch (e) {
    refused = e.statusCode === 401;
  }
  need(refused, "not refused");
});
