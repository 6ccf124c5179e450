"""Runs scripts of a checkout of kohya's sd-scripts, several in one Python process.

usage: run_scripts.py CHECKOUT COMMANDS

COMMANDS is a file of JSON lines, each an array: a script below CHECKOUT/networks and its arguments.

extract_lora_from_models.py reads two complete checkpoints. The function it reads them with is
replaced here by one that takes cuttings of SD 1.x: it knows input block 1 and the text encoder's
layers, and puts their weights under the names and classes that the script looks for. Everything
the script does with the weights is its own.
"""

import json
import os
import re
import runpy
import sys

RESNET = {
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.3": "conv2",
    "skip_connection": "conv_shortcut",
}
CLASSES = {
    r"attentions\.\d+$": "Transformer2DModel",
    r"resnets\.\d+$": "ResnetBlock2D",
    r"self_attn$": "CLIPAttention",
    r"mlp$": "CLIPMLP",
}


def diffusers_name(key):
    """The module of the UNet that diffusers would make of a key, or None."""
    attention = re.fullmatch(r"model\.diffusion_model\.input_blocks\.1\.1\.(.+)\.weight", key)
    if attention:
        return "down_blocks.0.attentions.0." + attention[1]
    resnet = re.fullmatch(r"model\.diffusion_model\.input_blocks\.1\.0\.(.+)\.weight", key)
    if resnet and resnet[1] in RESNET:
        return "down_blocks.0.resnets.0." + RESNET[resnet[1]]
    return None


def text_name(key):
    """The module of the text encoder that transformers would make of a key, or None."""
    text = re.fullmatch(r"cond_stage_model\.transformer\.(text_model\..+)\.weight", key)
    return text[1] if text else None


def tree(weights):
    """Nested modules that hold linear layers and convolutions of these weights."""
    import torch

    def container(path):
        name = next((c for pattern, c in CLASSES.items() if re.search(pattern, path)), "Part")
        return type(name, (torch.nn.Module,), {})()

    root = container("")
    for path, weight in sorted(weights.items()):
        if weight.dim() == 2:
            leaf = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False)
        elif weight.dim() == 4:
            leaf = torch.nn.Conv2d(
                weight.shape[1], weight.shape[0], tuple(weight.shape[2:]), bias=False
            )
        else:
            continue
        leaf.weight = torch.nn.Parameter(weight, requires_grad=False)
        parent, done = root, []
        *containers, last = path.split(".")
        for part in containers:
            done.append(part)
            if part not in parent._modules:
                parent.add_module(part, container(".".join(done)))
            parent = parent._modules[part]
        parent.add_module(last, leaf)
    return root


def load_cutting(v2, path, *args, **kwargs):
    from safetensors.torch import load_file

    weights = load_file(path)
    unet = {diffusers_name(k): w for k, w in weights.items() if diffusers_name(k)}
    text = {text_name(k): w for k, w in weights.items() if text_name(k)}
    return tree(text), None, tree(unet)


def main():
    checkout, commands = sys.argv[1:3]
    networks = os.path.join(checkout, "networks")
    sys.path[:0] = [networks, checkout]
    import torch
    from library import model_util

    model_util.load_models_from_stable_diffusion_checkpoint = load_cutting
    torch.set_num_threads(2)
    with open(commands, encoding="utf-8") as lines:
        for line in lines:
            script, *arguments = json.loads(line)
            sys.argv = [os.path.join(networks, script), *arguments]
            print(script, *arguments, flush=True)
            runpy.run_path(sys.argv[0], run_name="__main__")


main()
