// Downloads what somebody else uploaded with the official JavaScript client: downloads.mjs FOLDER REPO...
import { readFileSync } from "node:fs";
import { downloadFile } from "@huggingface/hub";

const [folder, ...repos] = process.argv.slice(2);
const common = { hubUrl: process.env.HF_ENDPOINT, accessToken: process.env.WRITE_TOKEN, xet: false };

for (const name of repos) {
  try {
    for (const path of ["model.safetensors", "README.md"]) {
      const blob = await downloadFile({ ...common, repo: { type: "model", name }, path });
      const got = Buffer.from(await blob.arrayBuffer());
      if (!got.equals(readFileSync(`${folder}/${path}`))) throw new Error(`other bytes: ${path}`);
    }
    console.log(`ok js: downloads ${name}, byte for byte`);
  } catch (e) {
    console.log(`not ok js: downloads ${name}: ${String(e.message ?? e).slice(0, 300)}`);
  }
}
