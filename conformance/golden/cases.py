"""The commands of the golden runs.

A command is written as one types it; variables of the environment may stand before it. Files that inputs.py makes are
found by their names in the command and lie beside it; `rm` and `mv` change that folder between two commands.
"""

from typing import NamedTuple


class Case(NamedTuple):
    name: str
    commands: tuple
    texts: dict  # more files, by name
    files: tuple  # inputs that no command names
    folders: dict  # subfolders, with the inputs in them
    stdin: str


ALL = []

# Started with no option for Java, as users do; the others with what makes Java start sooner.
AS_USERS_DO = ("merge", "merge-into-*", "merge-sdxl*", "merge-full*", "loras-exact", "loras-rank", "resize-rank", "extract-rank", "convert-fp16")

# Files that belong to one that is named.
TOGETHER = {
    "model.safetensors.index.json": [f"model-{i:05}-of-00003.safetensors" for i in (1, 2, 3)],
    "adapter_model.safetensors": ["adapter_config.json"],
}


def case(name, *commands, texts=None, files=(), folders=None, stdin=""):
    assert name not in {c.name for c in ALL}, name
    ALL.append(Case(name, commands, texts or {}, tuple(files), folders or {}, stdin))


# ---- help

case("help", "athanor", "athanor --help")
for _command in ("merge", "check", "run", "rebuild", "inspect", "resize", "extract", "convert", "get", "push", "card", "demo"):
    case(f"help-{_command}", f"athanor {_command} --help")
case("help-auth", "athanor auth --help", "athanor auth login --help")
case("help-cache", "athanor cache --help", "athanor cache rm --help")
case("version", "athanor --version")
case("unknown-command", "athanor mrege", "athanor merge --bas sd1.safetensors", "athanor merge --threads two")

# ---- merges: spellings of one merge, and every option

B = "athanor merge --base sd1.safetensors"
case("merge", f"{B} pixel.safetensors@0.6 ink.safetensors@0.4 --out out.safetensors")
case("merge-kohya", "athanor merge --sd_model sd1.safetensors --save_to out.safetensors --models pixel.safetensors "
     "ink.safetensors --ratios 0.6 0.4")
case("merge-kohya-dashes", "athanor merge --sd-model sd1.safetensors --save-to out.safetensors --models pixel.safetensors "
     "--ratios 0.6 --save-precision fp16 --precision float --device cuda --no-metadata")
case("merge-kohya-counts", "athanor merge --sd_model sd1.safetensors --save_to out.safetensors --models pixel.safetensors "
     "ink.safetensors --ratios 0.6")
case("merge-v2", "athanor merge --v2 --base sd2.safetensors sd2-lora.safetensors --out out.safetensors",
     f"{B} pixel.safetensors --v2 --out other.safetensors")
case("merge-threads-1", f"{B} pixel.safetensors@0.6 ink.safetensors@0.4 --threads 1 --out out.safetensors")
case("merge-threads-2", f"{B} pixel.safetensors@0.6 ink.safetensors@0.4 --threads 2 --out out.safetensors")
case("merge-threads-0", f"{B} pixel.safetensors --threads 0 --out out.safetensors")
case("merge-verbose", f"{B} pixel.safetensors@0.6,te=0.3,lbw=ALL0.5 half.safetensors -v --out out.safetensors")
case("merge-quiet", f"{B} pixel.safetensors half.safetensors -q --out out.safetensors")
case("merge-json", f"{B} pixel.safetensors@0.6,te=0.3 half.safetensors --json --out out.safetensors")
case("merge-json-verbose", f"{B} pixel.safetensors@0.6,te=0.3 half.safetensors --json -v --out out.safetensors")
case("merge-dry-run", f"{B} pixel.safetensors@0.6 half.safetensors --dry-run --threads 2 --out out.safetensors",
     f"{B} pixel.safetensors@0.6 half.safetensors --dry-run --threads 2 --json --out out.safetensors")
case("merge-no-metadata", f"{B} pixel.safetensors --no_metadata --out out.safetensors")
case("merge-ratio-0", f"{B} pixel.safetensors@0 --out out.safetensors", f"{B} pixel.safetensors@0 ink.safetensors --out other.safetensors")
case("merge-ratio-negative", f"{B} pixel.safetensors@-0.5 --out out.safetensors")
case("merge-ratio-odd", f"{B} pixel.safetensors@much --out out.safetensors", f"{B} pixel.safetensors@nan --out out.safetensors",
     f"{B} pixel.safetensors@ --out out.safetensors", f"{B} pixel.safetensors@1e-3 --dry-run --threads 2 --out out.safetensors")
case("merge-twice-the-same", f"{B} pixel.safetensors@0.3 pixel.safetensors@0.3 --out out.safetensors")
case("merge-zero-effect", f"{B} zero.safetensors --out out.safetensors")
case("merge-five", f"{B} pixel.safetensors@0.2 ink.safetensors@0.2 line.safetensors@0.2 unet-only.safetensors@0.2 "
     "mixed-ranks.safetensors@0.2 --out out.safetensors")
case("merge-overwrite", f"{B} pixel.safetensors --out out.safetensors", f"{B} ink.safetensors --out out.safetensors",
     f"{B} ink.safetensors --overwrite --out out.safetensors")
case("merge-onto-input", f"{B} pixel.safetensors --out sd1.safetensors --overwrite",
     f"{B} pixel.safetensors --out pixel.safetensors --overwrite")
case("merge-missing", f"{B} pixle.safetensors --out out.safetensors", "athanor merge --base nowhere/sd1.safetensors ink.safetensors "
     "--out out.safetensors", f"{B} pixel.safetensors", f"{B} --out out.safetensors", "athanor merge --out out.safetensors",
     f"{B} pixel.safetensors --out out.txt", f"{B} pixel.safetensors --out nowhere/out.safetensors")
case("merge-skip-incompatible", f"{B} pixel.safetensors sdxl-lora.safetensors loha.safetensors --skip-incompatible --out out.safetensors",
     f"{B} sdxl-lora.safetensors --skip-incompatible --out other.safetensors")
case("merge-fix-positions", "athanor merge --base sd1-positions.safetensors pixel.safetensors --fix-positions --out out.safetensors")
case("merge-damaged-positions", "athanor merge --base sd1-positions.safetensors pixel.safetensors --out out.safetensors")
case("merge-vae-replaced", "athanor merge --base sd1-vae.safetensors unet-only.safetensors --vae vae.safetensors --out out.safetensors")
case("merge-vae-added", "athanor merge --base sd1-unet.safetensors unet-only.safetensors --vae vae.safetensors --save_precision fp16 --json --out out.safetensors")
case("merge-vae-of-checkpoint", "athanor merge --base small.safetensors unet-only.safetensors --vae sd1-vae.safetensors --out out.ckpt")
case("merge-vae-refusals", "athanor merge --base small.safetensors --vae vae.safetensors --out out.safetensors",
     f"{B} pixel.safetensors --vae ink.safetensors --out out.safetensors", f"{B} pixel.safetensors --vae part-of-vae.safetensors --out out.safetensors",
     "athanor merge --base sdxl.safetensors sdxl-lora.safetensors --vae sd1-vae.safetensors --out out.safetensors")
case("merge-recipe-out", f"{B} pixel.safetensors@0.6,te=0.3,lbw=OUTALL,skip=attn2 ink.safetensors --save_precision fp16 "
     "--recipe-out mix.yaml --out out.safetensors")
case("merge-overflow", f"{B} strong.safetensors@60000 --out out.safetensors",
     f"{B} strong.safetensors@60000 --allow-non-finite --out out.safetensors")
case("merge-nan-lora", f"{B} nan-lora.safetensors --out out.safetensors")
case("merge-nan-base", "athanor merge --base sd1-nan.safetensors pixel.safetensors --out out.safetensors")
case("merge-push-no-token", f"{B} pixel.safetensors --push me/mine --out out.safetensors")
case("merge-publish-options", f"{B} pixel.safetensors --private --out out.safetensors",
     f"{B} pixel.safetensors --push me/mine --private --public --out out.safetensors",
     f"{B} pixel.safetensors --push me/mine --no-card --card notes.md --out out.safetensors",
     f"{B} pixel.safetensors --push mine --out out.safetensors",
     f"{B} pixel.safetensors --license mit --message hello --out out.safetensors")

# ---- merges: number formats

for _dtype in ("f32", "bf16", "f8", "f8e5", "f64"):
    case(f"merge-into-{_dtype}", f"athanor merge --base sd1-{_dtype}.safetensors pixel.safetensors@0.6 ink.safetensors@0.4 --out out.safetensors")
for _save in ("float", "fp16", "bf16"):
    case(f"merge-save-{_save}", f"{B} pixel.safetensors@0.6 line.safetensors@0.4 --save_precision {_save} --out out.safetensors")
for _precision in ("fp16", "bf16"):
    case(f"merge-arithmetic-{_precision}", f"{B} pixel.safetensors@0.6 ink.safetensors@0.4 --precision {_precision} --out out.safetensors")
    case(f"merge-arithmetic-{_precision}-float", f"{B} pixel.safetensors@0.6 ink.safetensors@0.4 --precision {_precision} "
         "--save_precision float --out out.safetensors")
    case(f"merge-arithmetic-{_precision}-f32", f"athanor merge --base sd1-f32.safetensors mid.safetensors@0.6 full.safetensors@0.4 "
         f"--precision {_precision} --save_precision {_precision} --out out.safetensors")
case("merge-arithmetic-fp16-f8", "athanor merge --base sd1-f8.safetensors pixel.safetensors@0.6 ink.safetensors --precision fp16 --out out.safetensors")
case("merge-f8-save-bf16", "athanor merge --base sd1-f8.safetensors pixel.safetensors@0.6 --save_precision bf16 --out out.safetensors")
case("merge-unknown-precision", f"{B} pixel.safetensors --precision fp8 --out out.safetensors",
     f"{B} pixel.safetensors --save_precision int8 --out out.safetensors")

# ---- merges: containers

case("merge-ckpt-in", "athanor merge --base sd1.ckpt pixel.safetensors@0.6 --out out.safetensors")
case("merge-old-ckpt-in", "athanor merge --base sd1-old.ckpt pixel.pt@0.6 --out out.safetensors")
case("merge-ckpt-out", f"{B} pixel.safetensors@0.6 --out out.ckpt")
case("merge-ckpt-both", "athanor merge --base sd1.ckpt pixel.pt@0.6 --save_precision bf16 --out out.ckpt")
case("merge-shards", "athanor merge --base model.safetensors.index.json pixel.safetensors@0.6 --out out.safetensors")
case("merge-ema", "athanor merge --base sd1-ema.safetensors pixel.safetensors@0.6 --out out.safetensors")

# ---- merges: architectures

case("merge-sd2", "athanor merge --base sd2.safetensors sd2-lora.safetensors@0.7 --out out.safetensors")
case("merge-sd2-fp16-arithmetic", "athanor merge --base sd2.safetensors sd2-lora.safetensors@0.7 --precision fp16 --out out.safetensors")
case("merge-sdxl", "athanor merge --base sdxl.safetensors sdxl-lora.safetensors@0.7 sdxl-peft.safetensors@0.3 --out out.safetensors")
case("merge-sdxl-bf16", "athanor merge --base sdxl-bf16.safetensors sdxl-lora.safetensors@0.7,te=0.1,lbw=INALL -v --out out.safetensors")
case("merge-sdxl-inpainting", "athanor merge --base sdxl-inpainting.safetensors sdxl-lora.safetensors --out out.safetensors")
case("merge-vega", "athanor merge --base vega.safetensors sdxl-lora.safetensors --out out.safetensors")
case("merge-refiner", "athanor merge --base refiner.safetensors refiner-lora.safetensors@0.7 --out out.safetensors")
case("merge-inpainting", "athanor merge --base sd1-inpainting.safetensors pixel.safetensors@0.7 --out out.safetensors")
case("merge-vpred", "athanor merge --base sd1-vpred.safetensors pixel.safetensors@0.7 --out out.safetensors")
case("merge-scaled-f8", "athanor merge --base sd1-scaled.safetensors pixel.safetensors@0.7 --out out.safetensors")
case("merge-wrong-architecture", "athanor merge --base sdxl.safetensors pixel.safetensors --out out.safetensors",
     f"{B} sdxl-lora.safetensors --out out.safetensors", f"{B} sd2-lora.safetensors --out out.safetensors",
     "athanor merge --base sd2.safetensors pixel.safetensors --out out.safetensors",
     "athanor merge --base sdxl.safetensors refiner-lora.safetensors --json --out out.safetensors")
for _other in ("flux", "sd3", "qwen-image"):
    case(f"merge-into-{_other}", f"athanor merge --base {_other}.safetensors pixel.safetensors --out out.safetensors")
case("merge-other-loras", *(f"{B} {_lora}.safetensors --out out.safetensors" for _lora in ("lora-flux", "lora-sd3", "lora-wan", "lora-cascade")))
case("merge-into-no-checkpoint", *(f"athanor merge --base {_kind}.safetensors pixel.safetensors --out out.safetensors" for _kind in
     ("pixel", "vae", "controlnet", "diffusers-unet", "text-encoder", "nothing")))

# ---- merges: formats of LoRAs

for _lora in ("mid", "full", "peft", "peft-plain", "peft-named", "diffusers", "linear", "adapter_model", "f8-lora", "mixed-ranks", "unsure",
              "strange-keys"):
    case(f"merge-{_lora}", f"{B} {_lora}.safetensors@0.5 --out out.safetensors")
case("merge-full-and-pairs", f"{B} full.safetensors@0.5 mid.safetensors@0.3 pixel.safetensors peft.safetensors@-0.2 --out out.safetensors")
FOREIGN = []
for _lora in ("loha", "lokr", "dora", "dora-peft", "ia3", "glora", "oft", "boft", "oft2", "tlora", "sparse", "set-weight", "embedding-lora",
              "peft-saved", "wrong-shape", "unequal", "only-up"):
    FOREIGN.append(f"{_lora}.safetensors")
    case(f"format-{_lora}", f"athanor merge --base small.safetensors {_lora}.safetensors --out out.safetensors")
case("inspect-foreign", "athanor inspect " + " ".join(FOREIGN))

# ---- weights of parts

case("weights-te", f"{B} pixel.safetensors@0.6,te=0 --out out.safetensors")
case("weights-lbw-17", f"{B} pixel.safetensors@0.6,lbw=0.5,2,1,1,1,1,1,1,1,1,1,1,1,1,1,1,0 -v --out out.safetensors")
case("weights-lbw-26", f"{B} pixel.safetensors@0.6,lbw=1,1,0.5,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2 -v --out out.safetensors")
case("weights-lbw-12", "athanor merge --base sdxl.safetensors sdxl-lora.safetensors,lbw=0.5,2,1,1,1,1,1,1,1,1,1,1 -v --out out.safetensors")
case("weights-lbw-20", "athanor merge --base sdxl.safetensors sdxl-lora.safetensors,lbw=0.5,1,1,1,1,2,1,1,1,1,1,1,1,1,1,1,1,1,1,1 -v --out out.safetensors")
case("weights-presets", *(f"athanor check -v --base sd1.safetensors pixel.safetensors,lbw={_preset}" for _preset in ("NONE", "INS", "OUTS")))
case("weights-preset-unknown", f"{B} pixel.safetensors,lbw=OUTAL --out out.safetensors", f"{B} pixel.safetensors,lbw=1,2,3 --out out.safetensors",
     f"{B} pixel.safetensors,tee=1 --out out.safetensors", f"{B} pixel.safetensors,te=x --out out.safetensors")
case("weights-lbws", "athanor merge --base sd1.safetensors --models pixel.safetensors ink.safetensors --ratios 0.6 0.4 "
     f"--lbws '{[0.5] * 17}' '{[1] * 12 + [0] * 5}' --out out.safetensors")
case("weights-lbws-counts", f"athanor merge --base sd1.safetensors --models pixel.safetensors --ratios 1 --lbws '{[1] * 17}' '{[1] * 17}' --out out.safetensors",
     "athanor merge --base sd1.safetensors --models pixel.safetensors --ratios 1 --lbws '[1,2' --out out.safetensors")
case("weights-only", f"{B} pixel.safetensors@0.6,only=attn1 -v --out out.safetensors")
case("weights-skip", f"{B} 'pixel.safetensors@0.6,skip=*proj_in*,skip=te_' -v --out out.safetensors")
case("weights-only-nothing", f"{B} pixel.safetensors,only=attn3 --out out.safetensors")
P = "athanor merge --base sd1.safetensors --lora-dir loras"
LORAS = {"loras": ["pixel.safetensors", "ink.safetensors"]}
case("prompt", f"{P} --prompt 'a cat <lora:pixel:0.7:0.4:lbw=OUTALL>, <lora:ink:0.2>' --out out.safetensors", folders=LORAS)
case("prompt-missing", f"{P} --prompt '<lora:pixle:1>' --out out.safetensors", f"{P} --prompt 'a cat' --out out.safetensors",
     f"{B} --prompt '<lora:pixel:1>' --out out.safetensors", f"{P} pixel.safetensors --out out.safetensors", folders=LORAS)

# ---- check

case("check", "athanor check --base sd1.safetensors pixel.safetensors@0.6 ink.safetensors half.safetensors mid.safetensors full.safetensors peft.safetensors")
case("check-verbose", "athanor check -v --base sd1.safetensors half.safetensors strange-keys.safetensors")
case("check-json", "athanor check --json --base sd1.safetensors pixel.safetensors@0.6 sdxl-lora.safetensors loha.safetensors half.safetensors")
case("check-refusals", "athanor check --base sd1.safetensors sdxl-lora.safetensors loha.safetensors lokr.safetensors dora.safetensors ia3.safetensors "
     "unequal.safetensors only-up.safetensors wrong-shape.safetensors lora-flux.safetensors",
     "athanor check --base sd1.safetensors pixel.safetensors page.safetensors", "athanor check --base sd1.safetensors part-of-vae.safetensors")
case("check-loras", "athanor check pixel.safetensors ink.safetensors mixed-ranks.safetensors",
     "athanor check pixel.safetensors ink.safetensors --json", "athanor check pixel.safetensors ink.safetensors --rank 4",
     "athanor check pixel.safetensors sdxl-lora.safetensors")
case("check-sdxl", "athanor check --base sdxl.safetensors sdxl-lora.safetensors sdxl-peft.safetensors pixel.safetensors")
case("check-kohya", "athanor check --sd_model sd1.safetensors --models pixel.safetensors ink.safetensors --ratios 0.5 0.5")
case("check-flux", "athanor check --base flux.safetensors lora-flux.safetensors")

# ---- LoRA + LoRA

L = "athanor merge pixel.safetensors@0.6 ink.safetensors@0.4"
case("loras-exact", f"{L} --out out.safetensors")
case("loras-exact-json", f"{L} --json --out out.safetensors")
case("loras-exact-saved", f"{L} --save_precision fp16 --out out.safetensors")
case("loras-exact-ckpt", f"{L} --out out.pt", f"{L} --out out.ckpt")
case("loras-mixed", "athanor merge mixed-ranks.safetensors@0.7 big.safetensors@-0.2 line.safetensors peft.safetensors --out out.safetensors")
case("loras-concat", f"{L} --concat --out out.safetensors")
case("loras-shuffle", f"{L} --shuffle --out out.safetensors")
case("loras-rank", f"{L} --rank 6 -v --out out.safetensors")
case("loras-rank-conv", f"{L} --method svd --new_rank 6 --new_conv_rank 3 --save_precision bf16 --out out.safetensors")
case("loras-keep", f"{L} --keep 0.9 -v --out out.safetensors")
case("loras-kohya", "athanor merge pixel.safetensors@0.6 line.safetensors@0.4 --method kohya --out out.safetensors")
case("loras-kohya-concat", "athanor merge pixel.safetensors@0.6 ink.safetensors@0.4 --method kohya --concat --shuffle --out out.safetensors")
case("loras-kohya-unequal", f"{L} --method kohya --out out.safetensors",
     "athanor merge mixed-ranks.safetensors line.safetensors --method kohya --json --out out.safetensors")
case("loras-peft", f"{L} --format peft --out out.safetensors")
case("loras-peft-rank", f"{L} --rank 2 --format peft --save_precision fp16 --out out.safetensors")
case("loras-weights", "athanor merge pixel.safetensors@0.6,te=0.3 ink.safetensors@0.4,lbw=OUTALL,skip=conv -v --out out.safetensors")
case("loras-one", "athanor merge pixel.safetensors@0.5 --out out.safetensors")
case("loras-full", "athanor merge full.safetensors@0.5 pixel.safetensors --out out.safetensors",
     "athanor merge full.safetensors@0.5 pixel.safetensors --rank 4 --out other.safetensors")
case("loras-mid", "athanor merge mid.safetensors@0.5 pixel.safetensors --out out.safetensors",
     "athanor merge mid.safetensors@0.5 pixel.safetensors --rank 4 --out other.safetensors")
case("loras-sdxl", "athanor merge sdxl-lora.safetensors@0.5 sdxl-peft.safetensors@0.5 --out out.safetensors")
case("loras-sd2", "athanor merge sd2-lora.safetensors@0.5 sd2-lora.safetensors@0.25 --out out.safetensors")
case("loras-refusals", "athanor merge pixel.safetensors sdxl-lora.safetensors --out out.safetensors", "athanor merge pixel.safetensors dora.safetensors --out out.safetensors",
     "athanor merge pixel.safetensors unequal.safetensors --out out.safetensors", "athanor merge pixel.safetensors sd1.safetensors --out out.safetensors",
     f"{L} --method ties --out out.safetensors", f"{L} --rank 0 --out out.safetensors", f"{L} --keep 2 --out out.safetensors",
     f"{L} --method svd --out out.safetensors", f"{L} --format a1111 --out out.safetensors", f"{L} --rank 4 --method exact --out out.safetensors",
     f"{L} --vae vae.safetensors --out out.safetensors", f"{B} pixel.safetensors --rank 4 --out out.safetensors")
case("loras-dry-run", f"{L} --rank 6 --dry-run --threads 2 --out out.safetensors", f"{L} --dry-run --threads 2 --json --out out.safetensors")
case("loras-no-metadata", f"{L} --no_metadata --out out.safetensors")
case("loras-recipe-out", f"{L} --rank 6 --format peft --recipe-out mix.yaml --out out.safetensors")
case("loras-precision", f"{L} --precision fp16 --out out.safetensors")
case("loras-skip-incompatible", "athanor merge pixel.safetensors sdxl-lora.safetensors ink.safetensors --skip-incompatible --out out.safetensors")
case("loras-threads", f"{L} --rank 6 --threads 1 --out one.safetensors", f"{L} --rank 6 --threads 2 --out two.safetensors")

# ---- inspect

case("inspect-checkpoints", "athanor inspect sd1.safetensors sd2.safetensors sdxl.safetensors refiner.safetensors sd1-inpainting.safetensors "
     "sdxl-inpainting.safetensors sd1-vpred.safetensors sd1-scaled.safetensors sd1-positions.safetensors sd1-ema.safetensors")
case("inspect-containers", "athanor inspect sd1.ckpt sd1-old.ckpt pixel.pt model.safetensors.index.json")
case("inspect-loras", "athanor inspect pixel.safetensors ink.safetensors mixed-ranks.safetensors mid.safetensors full.safetensors peft.safetensors "
     "diffusers.safetensors adapter_model.safetensors sdxl-lora.safetensors sdxl-peft.safetensors refiner-lora.safetensors sd2-lora.safetensors unsure.safetensors")
case("inspect-others", *(f"athanor inspect {_kind}.safetensors" for _kind in ("flux", "lora-flux")),
     "athanor inspect flux2.safetensors chroma.safetensors sd3.safetensors qwen-image.safetensors wan.safetensors pixart.safetensors lora-sd3.safetensors "
     "lora-wan.safetensors lora-cascade.safetensors")
case("inspect-kinds", "athanor inspect control-lora.safetensors controlnet.safetensors ip-adapter.safetensors embedding.safetensors t2i-adapter.safetensors "
     "motion.safetensors upscaler.safetensors diffusers-unet.safetensors text-encoder.safetensors vae.safetensors nothing.safetensors")
case("inspect-verbose", "athanor inspect -v pixel.safetensors small.safetensors")
case("inspect-json", "athanor inspect --json pixel.safetensors small.safetensors page.safetensors")
case("inspect-hash", "athanor inspect --hash pixel.safetensors small.safetensors pixel.pt", "athanor inspect --hash --json pixel.safetensors")
case("inspect-scan", "athanor inspect --scan sd1.safetensors", "athanor inspect --scan -v sd1-nan.safetensors", "athanor inspect --scan --json --threads 1 sd1-nan.safetensors",
     "athanor inspect --scan pixel.pt model.safetensors.index.json")
_BROKEN = ("empty", "cut", "longer", "overlap", "gap", "short", "dtype", "twice", "huge-header", "no-json", "page", "error", "pointer", "denied", "zeros",
           "picture", "quantised", "sound-as")
case("inspect-broken", "athanor inspect " + " ".join(f"{_name}.safetensors" for _name in _BROKEN))
case("inspect-broken-torch", "athanor inspect cut.ckpt code.ckpt noise.ckpt lost.safetensors.index.json bad.safetensors.index.json")
case("inspect-missing", "athanor inspect nowhere.safetensors .", "athanor inspect", "athanor inspect adapter_config.json notes.md")
case("merge-broken", *(f"athanor merge --base small.safetensors {_name}.safetensors --out out.safetensors" for _name in ("cut", "page", "pointer")),
     *(f"athanor merge --base {_name}.safetensors unet-only.safetensors --out out.safetensors" for _name in ("empty", "overlap", "quantised")))
case("merge-broken-torch", f"{B} code.ckpt --out out.safetensors", "athanor merge --base cut.ckpt pixel.safetensors --json --out out.safetensors",
     "athanor merge --base lost.safetensors.index.json pixel.safetensors --out out.safetensors")

# ---- resize, extract, convert

R = "athanor resize big.safetensors --out out.safetensors"
case("resize-rank", f"{R} --rank 4", f"{R} --rank 4 --overwrite --json")
case("resize-conv-rank", f"{R} --rank 8 --conv-rank 2 --save_precision bf16 -v")
case("resize-sv-ratio", f"{R} --method sv_ratio --param 1.5 -v")
case("resize-sv-fro", f"{R} --method sv_fro --param 0.8 --rank 12")
case("resize-sv-cumulative", f"{R} --method sv_cumulative --param 0.8")
case("resize-target-size", f"{R} --target-size 100kB -v", "athanor resize big.safetensors --target-size 1kB --out other.safetensors")
case("resize-kohya", "athanor resize --model big.safetensors --save_to out.safetensors --new_rank 8 --save_precision fp16 --dynamic_method sv_fro "
     "--dynamic_param 0.9 --device cuda --verbose")
case("resize-kinds", "athanor resize mid.safetensors --rank 2 --out mid-2.safetensors", "athanor resize full.safetensors --rank 2 --out full-2.safetensors",
     "athanor resize peft.safetensors --rank 2 --out peft-2.safetensors", "athanor resize sdxl-lora.safetensors --rank 2 --out sdxl-2.safetensors",
     "athanor resize pixel.pt --rank 2 --out pixel-2.ckpt")
case("resize-refusals", R, f"{R} --rank 0", f"{R} --method sv_fro", f"{R} --method sv_fro --param 1.5", f"{R} --method best --param 1", f"{R} --param 1.5",
     f"{R} --target-size much", "athanor resize big.safetensors --rank 4", "athanor resize --rank 4 --out out.safetensors",
     "athanor resize sd1.safetensors --rank 4 --out out.safetensors", "athanor resize loha.safetensors --rank 4 --out out.safetensors")

E = "athanor extract --base small.safetensors --tuned small-tuned.safetensors --out out.safetensors"
case("extract-rank", f"{E} --rank 4")
case("extract-conv", f"{E} --rank 4 --conv_dim 2 --json")
case("extract-clamp", f"{E} --dim 4 --clamp_quantile 0.99 --save_precision fp16 -v")
case("extract-text", "athanor extract --base small.safetensors --tuned small-text.safetensors --out out.safetensors --rank 2 --min_diff 0")
case("extract-near", "athanor extract --base small.safetensors --tuned small-near.safetensors --out out.safetensors --rank 8 --no_metadata")
case("extract-more", "athanor extract --model_org small.safetensors --model_tuned small-more.safetensors --save_to out.safetensors --dim 4 --conv_dim 4 "
     "--load_precision fp16 --save_precision bf16 --min_diff 0.001 --v_parameterization --device cpu")
case("extract-refusals", "athanor extract --base small.safetensors --tuned small.safetensors --out out.safetensors --rank 4",
     "athanor extract --base small.safetensors --tuned sd2.safetensors --out out.safetensors --rank 4",
     "athanor extract --base small.safetensors --out out.safetensors --rank 4", E, f"{E} --rank 4 --clamp_quantile 2",
     "athanor extract --base pixel.safetensors --tuned small.safetensors --out out.safetensors --rank 4",
     "athanor extract --base flux.safetensors --tuned flux.safetensors --out out.safetensors --rank 4")

for _save in ("float", "fp16", "bf16", "fp8_e4m3", "fp8_e5m2"):
    case(f"convert-{_save}", f"athanor convert sd1-f32.safetensors --save_precision {_save} --out out.safetensors")
case("convert-f8", "athanor convert sd1-f8.safetensors --save_precision fp16 --out out.safetensors --json")
case("convert-from-ckpt", "athanor convert sd1.ckpt --out out.safetensors", "athanor convert sd1-old.ckpt --save_precision bf16 --out other.safetensors")
case("convert-to-ckpt", "athanor convert small.safetensors --out out.ckpt")
case("convert-shards", "athanor convert model.safetensors.index.json --out out.safetensors")
case("convert-prune-ema", "athanor convert sd1-ema.safetensors --prune-ema --out out.safetensors", "athanor convert small.safetensors --prune-ema --out other.safetensors")
case("convert-lora-names", "athanor convert pixel.safetensors --format peft --out pixel-peft.safetensors", "athanor convert pixel-peft.safetensors --format kohya --out pixel-again.safetensors",
     "athanor convert peft.safetensors --format kohya --out kohya.safetensors", "athanor convert diffusers.safetensors --format kohya --save_precision float --out other.safetensors")
case("convert-lora-names-sdxl", "athanor convert sdxl-lora.safetensors --format peft --out out.safetensors", "athanor convert sdxl-peft.safetensors --format kohya --no_metadata --out other.safetensors")
case("convert-lora-kinds", "athanor convert mid.safetensors --format peft --out mid-2.safetensors", "athanor convert full.safetensors --format peft --out full-2.safetensors",
     "athanor convert loha.safetensors --save_precision bf16 --out loha-2.safetensors", "athanor convert loha.safetensors --format peft --out loha-3.safetensors",
     "athanor convert adapter_model.safetensors --format kohya --out adapter-2.safetensors")
case("convert-others", "athanor convert flux.safetensors --save_precision fp16 --out out.safetensors", "athanor convert vae.safetensors --save_precision fp16 --out other.safetensors")
case("convert-overflow", "athanor convert sd1-nan.safetensors --save_precision bf16 --out out.safetensors")
case("convert-refusals", "athanor convert small.safetensors --out small.safetensors --overwrite", "athanor convert small.safetensors --save_precision fp7 --out out.safetensors",
     "athanor convert small.safetensors --format a1111 --out out.safetensors", "athanor convert small.safetensors --format peft --out out.safetensors",
     "athanor convert page.safetensors --out out.safetensors", "athanor convert small.safetensors", "athanor convert --out out.safetensors",
     "athanor convert sd1-scaled.safetensors --save_precision fp16 --out out.safetensors")

# ---- recipes

MIX = """athanor: 1
base: sd1.safetensors
loras:
  - pixel.safetensors@0.6,te=0.3
  - file: ink.safetensors
    ratio: 0.4
    lbw: OUTALL
    skip: [attn2]
save_precision: fp16
out: mine.safetensors
"""
case("run", "athanor run mix.yaml", "athanor run mix.yaml", "athanor run mix.yaml --overwrite --locked", texts={"mix.yaml": MIX})
case("run-dry", "athanor run mix.yaml --dry-run --threads 2", "athanor run mix.yaml --dry-run --json --threads 2", "athanor run mix.yaml --locked", texts={"mix.yaml": MIX})
case("run-no-lock", "athanor run mix.yaml --no-lock --json --out other.safetensors --threads 1", texts={"mix.yaml": MIX})
case("run-inputs", "athanor run in/mix.yaml --inputs far --no-lock --out out.safetensors", texts={"in/mix.yaml": MIX.replace("sd1.", "small.")},
     folders={"far": ["small.safetensors", "pixel.safetensors", "ink.safetensors"]})
case("run-loras", "athanor run mix.yaml", texts={"mix.yaml": "athanor: 1\nloras: [pixel.safetensors@0.6, ink.safetensors@0.4]\nrank: 4\nformat: peft\nout: both.safetensors\n"})
case("run-changed", "athanor run mix.yaml", "rm pixel.safetensors", "mv big.safetensors pixel.safetensors", "athanor run mix.yaml --overwrite", files=["big.safetensors"],
     texts={"mix.yaml": "athanor: 1\nbase: small.safetensors\nloras: [pixel.safetensors]\nout: mine.safetensors\n"})
case("run-everything", "athanor run mix.yaml --json", texts={"mix.yaml": "athanor: 1\nbase: sd1-positions.safetensors\nvae: vae.safetensors\nfix_positions: true\nprecision: bf16\n"
     "save_precision: keep\nskip_incompatible: true\nallow_non_finite: true\nno_metadata: true\nloras: [pixel.safetensors, loha.safetensors]\nout: mine.safetensors\n"})
_WRONG = {
    "no-version": "base: small.safetensors\nloras: [pixel.safetensors]\n", "version-2": "athanor: 2\nbase: small.safetensors\nloras: [pixel.safetensors]\n",
    "unknown-key": "athanor: 1\nbsae: small.safetensors\nloras: [pixel.safetensors]\n", "no-loras": "athanor: 1\nbase: small.safetensors\n",
    "not-yaml": "athanor: [1\n", "odd-ratio": "athanor: 1\nbase: small.safetensors\nloras:\n  - file: pixel.safetensors\n    ratio: much\n",
    "folder": "athanor: 1\nbase: /models/small.safetensors\nloras: [pixel.safetensors]\n", "missing": "athanor: 1\nbase: lost.safetensors\nloras: [pixel.safetensors]\nout: o.safetensors\n",
    "hash": "athanor: 1\nbase: small.safetensors\nloras:\n  - file: pixel.safetensors\n    sha256: " + "ab" * 32 + "\nout: o.safetensors\n",
    "secret": "athanor: 1\nbase: https://civitai.com/api/download/models/1?token=abcdef\nloras: [pixel.safetensors]\nout: o.safetensors\n",
}
case("run-mistakes", *(f"athanor run {_name}.yaml" for _name in _WRONG), "athanor run nowhere.yaml", "athanor run", texts={f"{_name}.yaml": _text for _name, _text in _WRONG.items()})
case("rebuild", f"{B} pixel.safetensors@0.6,te=0.3,lbw=OUTALL ink.safetensors@0.4 --out out.safetensors", "athanor rebuild out.safetensors",
     "athanor rebuild out.safetensors --out again.safetensors --json", "rm ink.safetensors", "athanor rebuild out.safetensors")
case("rebuild-loras", f"{L} --rank 4 --out out.safetensors", "athanor rebuild out.safetensors --out again.safetensors")
case("rebuild-refusals", "athanor rebuild sd1.safetensors", "athanor rebuild page.safetensors", "athanor rebuild", f"{B} pixel.safetensors --no_metadata --out out.safetensors",
     "athanor rebuild out.safetensors")

# ---- cards

case("card", "athanor card pixel.safetensors", "athanor card small.safetensors --repo me/mine --out README.md", "athanor card small.safetensors --out README.md",
     "athanor card small.safetensors --out README.md --overwrite --license mit --json")
case("card-update", "athanor card small.safetensors --out notes.md --update --license openrail++", files=["notes.md"])
case("card-merged", f"{B} pixel.safetensors@0.6,te=0.3 ink.safetensors --out out.ckpt --recipe-out mix.yaml", "athanor card out.ckpt --repo me/mine")
case("card-sdxl", "athanor card sdxl-peft.safetensors --license mit", "athanor card refiner.safetensors")
case("card-refusals", "athanor card page.safetensors", "athanor card nowhere.safetensors", "athanor card pixel.safetensors --license nothing-known", "athanor card",
     "athanor card pixel.safetensors --repo mine", "athanor card controlnet.safetensors")

# ---- what needs a network, without one

case("push-refusals", "athanor push pixel.safetensors me/mine", "athanor push pixel.safetensors", "athanor push nowhere.safetensors me/mine", "athanor push pixel.safetensors mine",
     "athanor push pixel.safetensors me/mine --private --public", "athanor push page.safetensors me/mine --dry-run", "HF_HUB_OFFLINE=1 HF_TOKEN=hf_x athanor push pixel.safetensors me/mine --json")
case("get-refusals", "HF_HUB_OFFLINE=1 athanor get hf:user/repo/style.safetensors", "athanor get nothing", "athanor get", "athanor get ftp://example.com/a.safetensors",
     "athanor get https://civitai.com/images/12345", "athanor get https://huggingface.co/spaces/user/thing", "athanor get https://drive.google.com/file/d/1/view --json",
     "athanor get hf:user --to nowhere", "HF_HUB_OFFLINE=1 athanor get https://civitai.com/models/123")
case("merge-links-offline", "HF_HUB_OFFLINE=1 athanor merge --base hf:user/repo/base.safetensors pixel.safetensors --out out.safetensors",
     "HF_HUB_OFFLINE=1 athanor check --base small.safetensors https://civitai.com/models/123@0.6")
case("auth-none", "athanor auth whoami", "athanor auth whoami --json", "athanor auth logout hf", "athanor auth logout myspace", "athanor auth login", "athanor auth")
case("auth-login-empty", "athanor auth login hf")
case("cache-empty", "athanor cache ls", "athanor cache ls --json", "athanor cache rm --all", "athanor cache verify", "athanor cache rm lost.safetensors", "athanor cache rm", "athanor cache")

# ---- demo

case("demo", "athanor demo --dir demo")
