// Uploads to the fake hub with the official JavaScript client; prints one line a check.
import { createHash, randomBytes } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { createBranch, createRepo, commit, deleteFile, downloadFile, listFiles, modelInfo, uploadFile, uploadFiles } from "@huggingface/hub";

const hubUrl = process.env.HF_ENDPOINT;
const accessToken = process.env.WRITE_TOKEN;
const repo = { type: "model", name: "alice/by-javascript" };
const common = { repo, hubUrl, accessToken, useXet: false };
const card = "---\nlicense: openrail++\n---\n# Merged\n";

async function fake(...command) {
  const done = () => readFileSync(process.env.FAKE_OUT, "utf8").split("\n").filter((line) => line === "done").length;
  const before = done();
  appendFileSync(process.env.FAKE_IN, command.join(" ") + "\n");
  for (let i = 0; i < 1000; i++) {
    if (done() > before) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the fake did not obey: ${command}`);
}

async function check(name, body) {
  try {
    await body();
    console.log(`ok js: ${name}`);
  } catch (e) {
    console.log(`not ok js: ${name}: ${String(e.message ?? e).slice(0, 300)}`);
  }
}

function need(truth, what) {
  if (!truth) throw new Error(what);
}

async function refused(status, call) {
  try {
    await call();
  } catch (e) {
    need(e.statusCode === status, `status ${e.statusCode}`);
    return;
  }
  throw new Error("not refused");
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

async function downloads(path, bytes, more = {}) {
  const blob = await downloadFile({ ...common, path, xet: false, ...more });
  need(blob, `${path} is not there`);
  return sha256(Buffer.from(await blob.arrayBuffer())) === sha256(bytes);
}

const model = randomBytes(3_000_001);

await check("create a repository, private, twice", async () => {
  const { repoUrl } = await createRepo({ ...common, visibility: "private" });
  need(repoUrl.endsWith("/" + repo.name), repoUrl);
  await refused(409, () => createRepo(common));
  need((await modelInfo({ ...common, name: repo.name })).private, "not private");
});

await check("commit of card and model, whole", async () => {
  await fake("basic");
  await uploadFiles({
    ...common,
    files: [
      { path: "README.md", content: new Blob([card]) },
      { path: "a.safetensors", content: new Blob([model]) },
    ],
  });
  need(await downloads("a.safetensors", model), "other bytes");
  need(await downloads("README.md", Buffer.from(card)), "other card");
});

await check("commit of a model in parts", async () => {
  await fake("multipart", 1_000_000);
  for (const size of [3_000_000, 3_000_001, 1_000_000]) {
    const bytes = randomBytes(size);
    await uploadFile({ ...common, file: { path: `parts-${size}.safetensors`, content: new Blob([bytes]) } });
    need(await downloads(`parts-${size}.safetensors`, bytes), `other bytes of ${size}`);
  }
});

await check("content that is there is not sent again", async () => {
  await uploadFile({ ...common, file: { path: "copy.safetensors", content: new Blob([model]) } });
  need(await downloads("copy.safetensors", model), "other bytes");
});

await check("pull request", async () => {
  const bytes = randomBytes(2_000_000);
  const result = await uploadFile({ ...common, isPullRequest: true, file: { path: "pr.safetensors", content: new Blob([bytes]) } });
  need(result.pullRequestUrl?.endsWith("/discussions/1"), "no pull request");
  need(await downloads("pr.safetensors", bytes, { revision: "refs/pr/1" }), "other bytes");
});

await check("branch, deletion, listing", async () => {
  await createBranch({ ...common, branch: "v2" });
  await deleteFile({ ...common, path: "copy.safetensors", branch: "v2" });
  const names = async (revision) => {
    const found = [];
    for await (const file of listFiles({ ...common, revision, recursive: true })) found.push(file.path);
    return found;
  };
  need(!(await names("v2")).includes("copy.safetensors"), "not deleted");
  need((await names("main")).includes("copy.safetensors"), "deleted from main");
});

await check("errors: token without the right, commit of somebody else", async () => {
  const file = { path: "x.txt", content: new Blob(["x"]) };
  await refused(403, () => uploadFile({ ...common, accessToken: process.env.TOKEN, file }));
  await refused(403, () => createRepo({ ...common, accessToken: process.env.TOKEN, repo: { type: "model", name: "alice/no" } }));
  const old = (await modelInfo({ ...common, name: repo.name, additionalFields: ["sha"] })).sha;
  await fake("foreign-commit", repo.name);
  await refused(412, () =>
    commit({ ...common, title: "x", parentCommit: old, operations: [{ operation: "addOrUpdate", ...file }] }),
  );
});

await check("a folder with a card and a model", async () => {
  const folder = `${process.argv[2]}/folder`;
  const files = ["README.md", "model.safetensors"].map((path) => ({
    path,
    content: new Blob([readFileSync(`${folder}/${path}`)]),
  }));
  await uploadFiles({ ...common, files });
  need(await downloads("model.safetensors", readFileSync(`${folder}/model.safetensors`)), "other bytes");
});

await check("what the Python client uploaded", async () => {
  const other = { ...common, repo: { type: "model", name: "alice/by-python" } };
  for (const path of ["a.safetensors", "parts-3000001.safetensors"]) {
    const bytes = readFileSync(`${process.argv[2]}/to-upload/${path}`);
    need(await downloads(path, bytes, other), `other bytes: ${path}`);
  }
});
