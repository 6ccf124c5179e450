"""Compares merges of LoRA formats with LyCORIS' and PEFT's own arithmetic, on CPU.

A small SD 1.5 checkpoint in float32 gets one adapter at a time. The weight that the trainer's own module then
stands for is its forward pass on unit vectors (LyCORIS; its get_merged_weight applies alpha / rank twice for LoHa
and LoKr) or its merge_and_unload (PEFT). Formats that add a matrix must agree to 1 ulp of fp16, others to a
relative Frobenius error of 1e-3.

usage: compare.py ATHANOR FOLDER
"""

import json
import math
import pathlib
import subprocess
import sys

import peft
import torch
from lycoris.modules.boft import ButterflyOFTModule
from lycoris.modules.diag_oft import DiagOFTModule
from lycoris.modules.full import FullModule
from lycoris.modules.glora import GLoRAModule
from lycoris.modules.ia3 import IA3Module
from lycoris.modules.locon import LoConModule
from lycoris.modules.loha import LohaModule
from lycoris.modules.lokr import LokrModule
from safetensors.torch import load_file, save_file

UNET = "model.diffusion_model."
LINEAR = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
CONV = "down_blocks.0.resnets.0.conv1"
KEYS = {
    LINEAR: UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight",
    CONV: UNET + "input_blocks.1.0.in_layers.2.weight",
}
SHAPES = {LINEAR: (320, 320), CONV: (320, 320, 3, 3)}


def base(path):
    torch.manual_seed(1)
    tensors = {key: torch.randn(SHAPES[module]) * 0.05 for module, key in KEYS.items()}
    tensors[UNET + "input_blocks.1.0.in_layers.2.bias"] = torch.randn(320)
    for key, shape in {
        "input_blocks.0.0.weight": (320, 4, 3, 3),
        "input_blocks.0.0.bias": (320,),
        "time_embed.0.weight": (1280, 320),
        "time_embed.0.bias": (1280,),
        "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 768),
    }.items():
        tensors[UNET + key] = torch.randn(shape) * 0.05
    save_file(tensors, path, {"format": "pt"})
    return tensors


def layer(module, weight):
    out, inputs = weight.shape[:2]
    if module == LINEAR:
        plain = torch.nn.Linear(inputs, out, bias=False)
    else:
        plain = torch.nn.Conv2d(inputs, out, weight.shape[2:], bias=False)
    plain.weight.data = weight.clone()
    return plain


@torch.no_grad()
def weight_of(forward, weight):
    """W' from what a layer makes of unit vectors, or of patches with a single 1."""
    inputs = math.prod(weight.shape[1:])
    parts = [forward(unit.reshape(-1, *weight.shape[1:])) for unit in torch.eye(inputs).split(480)]
    return torch.cat(parts).reshape(inputs, -1).T.reshape(weight.shape)


def randomise(tensors, size, seed):
    torch.manual_seed(seed)
    for name, tensor in tensors:
        if name == "scalar":
            tensor.data.fill_(0.7)
        elif tensor.is_floating_point() and tensor.dim() > 0 and "alpha" not in name:
            near_one = any(word in name for word in ("dora_scale", "magnitude", "rescale", "boft_s", "lambda_layer", "ia3_l"))
            tensor.data = tensor.data * (1 + 0.1 * torch.randn_like(tensor)) if near_one else torch.randn_like(tensor) * size


class Comparison:
    def __init__(self, athanor, folder):
        self.athanor = athanor
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.base_path = self.folder / "base.safetensors"
        self.tensors = base(self.base_path)
        self.failed = 0

    def merged(self, lora, key):
        out = self.folder / "out.safetensors"
        out.unlink(missing_ok=True)
        command = [self.athanor, "merge", "--base", self.base_path, lora, "--out", out]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            raise RuntimeError((run.stderr or run.stdout).strip().splitlines()[-1:])
        return load_file(out)[key]

    def compare(self, name, module, expected, lora, additive):
        before = self.tensors[KEYS[module]]
        try:
            ours = self.merged(lora, KEYS[module])
        except RuntimeError as error:
            self.failed += 1
            print(f"{name:34} FAILED  {error}")
            return
        relative = ((ours - expected).norm() / (expected - before).norm()).item()
        ulps = (ours.half().view(torch.int16).int() - expected.half().view(torch.int16).int()).abs().max().item()
        good = ulps <= 1 if additive else relative <= 1e-3
        self.failed += not good
        print(f"{name:34} {'ok' if good else 'FAILED':7} relative {relative:.1e}, at most {ulps} ulp of fp16")

    def lycoris(self, name, kind, module, additive, size=0.1, extra=None, rank=8, **options):
        weight = self.tensors[KEYS[module]]
        adapter = kind("lora", layer(module, weight), lora_dim=rank, alpha=4, **options)
        randomise(list(adapter.named_parameters()), size, 2)
        adapter.eval()
        adapter.multiplier = 1.0
        adapter.apply_to()
        expected = weight_of(adapter, weight)
        prefix = "lora_unet_" + module.replace(".", "_") + "."
        saved = adapter.custom_state_dict() or adapter.state_dict()
        state = {prefix + key: tensor.detach().contiguous().clone() for key, tensor in saved.items()}
        path = self.folder / "lycoris.safetensors"
        save_file(state, path, {"ss_network_args": json.dumps(extra or {})})
        self.compare("LyCORIS " + name, module, expected, path, additive)

    def peft(self, name, config, additive, size=0.1):
        weight = self.tensors[KEYS[LINEAR]]
        root = torch.nn.Module()
        parent = root
        *path, last = LINEAR.split(".")
        for word in path:
            parent.add_module(word, torch.nn.Module())
            parent = getattr(parent, word)
        parent.add_module(last, layer(LINEAR, weight))
        model = peft.get_peft_model(root, config)
        randomise([(n, p) for n, p in model.named_parameters() if p.requires_grad], size, 3)
        folder = self.folder / "peft"
        model.save_pretrained(folder)
        merged = model.merge_and_unload()
        expected = dict(merged.named_parameters())[LINEAR + ".weight"].detach()
        self.compare("PEFT " + name, LINEAR, expected, folder / "adapter_model.safetensors", additive)


def main(athanor, folder):
    test = Comparison(athanor, folder)
    for module, where in ((LINEAR, "linear"), (CONV, "conv")):
        test.lycoris(f"LoRA {where}", LoConModule, module, True)
        test.lycoris(f"LoRA rs_lora {where}", LoConModule, module, True, rs_lora=True, extra={"rs_lora": "True"})
        test.lycoris(f"LoRA use_scalar {where}", LoConModule, module, True, use_scalar=True)
        test.lycoris(f"LoHa {where}", LohaModule, module, True, size=0.2)
        test.lycoris(f"LoKr {where}", LokrModule, module, True, factor=8)
        test.lycoris(f"LoKr whole sides {where}", LokrModule, module, True, factor=8, full_matrix=True)
        test.lycoris(f"LoKr both pairs {where}", LokrModule, module, True, factor=20, decompose_both=True)
        test.lycoris(f"LoKr unbalanced {where}", LokrModule, module, True, factor=8, unbalanced_factorization=True)
        test.lycoris(f"full {where}", FullModule, module, True)
        test.lycoris(f"DoRA per output {where}", LoConModule, module, False, weight_decompose=True)
        test.lycoris(f"DoRA per input {where}", LoConModule, module, False, weight_decompose=True, wd_on_out=False)
        test.lycoris(f"DoRA on LoHa {where}", LohaModule, module, False, weight_decompose=True)
        test.lycoris(f"DoRA on LoKr {where}", LokrModule, module, False, weight_decompose=True, factor=8)
        test.lycoris(f"GLoRA {where}", GLoRAModule, module, False)
        test.lycoris(f"GLoRA rs_lora {where}", GLoRAModule, module, False, rs_lora=True, extra={"rs_lora": "True"})
        test.lycoris(f"IA3 {where}", IA3Module, module, False)
        test.lycoris(f"IA3 of inputs {where}", IA3Module, module, False, train_on_input=True)
        test.lycoris(f"OFT {where}", DiagOFTModule, module, False)
        test.lycoris(f"BOFT {where}", ButterflyOFTModule, module, False, rank=20)
    test.lycoris("LoRA Tucker conv", LoConModule, CONV, True, use_tucker=True)
    test.lycoris("LoHa Tucker conv", LohaModule, CONV, True, size=0.2, use_tucker=True)
    test.lycoris("LoKr Tucker conv", LokrModule, CONV, True, factor=8, use_tucker=True)
    target = {"target_modules": ["to_q"]}
    test.peft("LoRA", peft.LoraConfig(r=8, lora_alpha=4, **target), True)
    test.peft("rsLoRA", peft.LoraConfig(r=8, lora_alpha=4, use_rslora=True, **target), True)
    test.peft("DoRA", peft.LoraConfig(r=8, lora_alpha=4, use_dora=True, **target), False)
    test.peft("LoHa", peft.LoHaConfig(r=8, alpha=4, **target), True, size=0.2)
    test.peft("LoKr", peft.LoKrConfig(r=8, alpha=4, decompose_factor=8, **target), True)
    test.peft("LoKr whole sides", peft.LoKrConfig(r=400, alpha=100, decompose_factor=8, **target), True)
    test.peft("OFT", peft.OFTConfig(oft_block_size=8, **target), False, size=0.05)
    test.peft("OFT exact", peft.OFTConfig(oft_block_size=8, use_cayley_neumann=False, **target), False, size=0.05)
    test.peft("BOFT", peft.BOFTConfig(boft_block_size=8, **target), False)
    test.peft("HRA", peft.HRAConfig(r=8, **target), False)
    test.peft("HRA, orthogonal", peft.HRAConfig(r=8, apply_GS=True, **target), False)
    test.peft("IA3", peft.IA3Config(feedforward_modules=[], **target), False)
    test.peft("IA3 of inputs", peft.IA3Config(feedforward_modules=["to_q"], **target), False)
    test.peft("HiRA", peft.HiraConfig(r=8, **target), False)
    test.peft("MiSS", peft.MissConfig(r=8, **target), True)
    test.peft("VeRA", peft.VeraConfig(r=8, **target), True)
    print("failed:", test.failed)
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
