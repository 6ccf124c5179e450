"""The files that the golden runs read: fragments of checkpoints, LoRAs of every kind, and what is no model.

`all_inputs()` gives name to content; a content that is a function is called when the file is first needed. The keys
and shapes are the real ones, of which each file has as few as show what it is.
"""

import hashlib
import json

from files import SIZES, Tensor, noise, safetensors, shards, torch_legacy, torch_zip, values, with_header

D = "model.diffusion_model."
C = "cond_stage_model.transformer.text_model."
O = "cond_stage_model.model."
G = "conditioner.embedders.1.model."


def _norm(name, width):
    return {name + ".weight": (width,), name + ".bias": (width,)}


def _attention(name, width, context):
    return {
        name + ".to_q.weight": (width, width), name + ".to_k.weight": (width, context),
        name + ".to_v.weight": (width, context), name + ".to_out.0.weight": (width, width),
        name + ".to_out.0.bias": (width,),
    }


def _transformer(at, width, context, linear):
    one = () if linear else (1, 1)
    block = at + ".transformer_blocks.0."
    return {
        **_norm(at + ".norm", width),
        at + ".proj_in.weight": (width, width) + one, at + ".proj_in.bias": (width,),
        **_attention(block + "attn1", width, width), **_attention(block + "attn2", width, context),
        **_norm(block + "norm1", width),
    }


def _clip(layer):
    at = f"{layer}.self_attn."
    shapes = {}
    for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
        shapes[at + part + ".weight"], shapes[at + part + ".bias"] = (768, 768), (768,)
    return {**shapes, **_norm(layer + ".layer_norm1", 768)}


def _open_clip(layer, width):
    return {
        layer + ".attn.in_proj_weight": (3 * width, width), layer + ".attn.in_proj_bias": (3 * width,),
        layer + ".attn.out_proj.weight": (width, width), layer + ".attn.out_proj.bias": (width,),
        **_norm(layer + ".ln_1", width),
    }


def _convolution(name, out, into, kernel):
    return {name + ".weight": (out, into, kernel, kernel), name + ".bias": (out,)}


SD1_SHAPES = {
    **_convolution(D + "input_blocks.0.0", 320, 4, 3),
    **_norm(D + "input_blocks.1.0.in_layers.0", 320),
    **_convolution(D + "input_blocks.1.0.in_layers.2", 320, 320, 3),
    **_transformer(D + "input_blocks.1.1", 320, 768, False),
    D + "time_embed.0.weight": (1280, 320), D + "time_embed.0.bias": (1280,),
    **_attention(D + "output_blocks.11.1.transformer_blocks.0.attn1", 320, 320),
    **_convolution(D + "out.2", 4, 320, 3),
    **_clip(C + "encoder.layers.0"),
    "first_stage_model.quant_conv.weight": (8, 8, 1, 1), "first_stage_model.quant_conv.bias": (8,),
    "alphas_cumprod": (1000,),
}
SD2_SHAPES = {
    **_convolution(D + "input_blocks.0.0", 320, 4, 3),
    **_transformer(D + "input_blocks.1.1", 320, 1024, True),
    D + "time_embed.0.weight": (1280, 320), D + "time_embed.0.bias": (1280,),
    **_open_clip(O + "transformer.resblocks.0", 1024),
}
VEGA_SHAPES = {
    **_convolution(D + "input_blocks.0.0", 320, 4, 3),
    D + "time_embed.0.weight": (1280, 320), D + "label_emb.0.0.weight": (1280, 2816), D + "label_emb.0.0.bias": (1280,),
    **_transformer(D + "input_blocks.4.1", 640, 2048, True),
    **_clip("conditioner.embedders.0.transformer.text_model.encoder.layers.0"),
    **_open_clip(G + "transformer.resblocks.0", 1280), G + "text_projection": (1280, 1280),
}


def _deep(at, depth):
    """The keys of transformer blocks, which recognition counts; of shapes it asks for the width of the context only."""
    shapes = {}
    for block in range(depth):
        b = f"{at}.transformer_blocks.{block}."
        shapes.update(_attention(b + "attn1", 1, 1))
        shapes.update(_attention(b + "attn2", 1, 2048))
        for name in ("ff.net.0.proj", "ff.net.2"):
            shapes.update({b + name + ".weight": (1, 1), b + name + ".bias": (1,)})
        for name in ("norm1", "norm2", "norm3"):
            shapes.update(_norm(b + name, 1))
    return shapes


SDXL_SHAPES = {k: v for at in ("input_blocks.7.1", "middle_block.1", "output_blocks.0.1", "output_blocks.1.1", "output_blocks.2.1")
               for k, v in _deep(D + at, 10).items()}
SDXL_SHAPES.update(VEGA_SHAPES)
REFINER_SHAPES = {
    **_convolution(D + "input_blocks.0.0", 384, 4, 3),
    D + "time_embed.0.weight": (1536, 384), D + "label_emb.0.0.weight": (1536, 2560), D + "label_emb.0.0.bias": (1536,),
    **_transformer(D + "input_blocks.4.1", 768, 1280, True),
}


def _filled(shapes, dtype, seed, extra=None, keep=("alphas_cumprod",)):
    made = {key: noise(seed + key, "F32" if key in keep else dtype, *shape) for key, shape in shapes.items()}
    return {**made, **(extra or {})}


def _small(seed=None, tuned=()):
    """Little enough for many decompositions: a fragment, some tensors of which have another seed."""
    block = D + "input_blocks.1.1.transformer_blocks.0."
    shapes = {
        **_convolution(D + "input_blocks.0.0", 320, 4, 3), D + "input_blocks.1.1.proj_in.weight": (320, 320, 1, 1),
        block + "attn1.to_q.weight": (320, 320), block + "attn2.to_k.weight": (320, 768), **_norm(block + "norm1", 320),
        **_convolution(D + "input_blocks.1.0.in_layers.2", 320, 320, 3), D + "input_blocks.1.0.emb_layers.1.weight": (320, 1280),
        C + "encoder.layers.0.mlp.fc1.bias": (3072,), C + "encoder.layers.0.self_attn.out_proj.weight": (768, 768),
    }
    return {key: noise((seed if key.endswith(tuple(tuned)) and tuned else "small") + key, "F16", *shape)
            for key, shape in shapes.items()}


def _near(base, rank=3):
    """A tuned fragment whose difference has a low rank in two modules: one row block is moved."""
    block = D + "input_blocks.1.1.transformer_blocks.0."
    tuned = dict(base)
    for key in (block + "attn1.to_q.weight", block + "attn2.to_k.weight"):
        t = base[key]
        row = t.shape[1] * SIZES[t.dtype]
        tuned[key] = Tensor(t.dtype, t.shape, t.raw[row:(rank + 1) * row] + t.raw[rank * row:])
    return tuned


def _positions(dtype, damaged=False):
    numbers = list(range(77))
    if damaged:
        numbers[5] = 6
    return {C + "embeddings.position_ids": values(dtype, (1, 77), *numbers)}


def sd1(dtype="F16", seed="sd1", extra=None):
    return _filled(SD1_SHAPES, dtype, seed, {**_positions("I64"), **(extra or {})})


def _inpainting():
    return _filled({**SD1_SHAPES, D + "input_blocks.0.0.weight": (320, 9, 3, 3)}, "F16", "inpaint", _positions("I64"))


def _ema():
    names = [D + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight", D + "out.2.weight"]
    ema = {"model_ema." + n[len("model."):].replace(".", ""): noise("ema" + n, "F32", *SD1_SHAPES[n]) for n in names}
    return {**ema, "model_ema.decay": values("F32", (), 0.9999), "model_ema.num_updates": values("I32", (), 1000)}


def _resnet(name, into, out):
    shapes = {**_norm(name + ".norm1", into), **_convolution(name + ".conv1", out, into, 3),
              **_norm(name + ".norm2", out), **_convolution(name + ".conv2", out, out, 3)}
    if into != out:
        shapes.update(_convolution(name + ".nin_shortcut", out, into, 1))
    return shapes


def _vae_middle(at):
    shapes = {**_resnet(at + "block_1", 512, 512), **_norm(at + "attn_1.norm", 512), **_resnet(at + "block_2", 512, 512)}
    for part in ("q", "k", "v", "proj_out"):
        shapes.update(_convolution(at + "attn_1." + part, 512, 512, 1))
    return shapes


def _vae(prefix="", dtype="F8_E4M3", seed="vae"):
    """A whole one, for an incomplete one is refused."""
    widths = [128, 256, 512, 512]
    encoder, decoder = prefix + "encoder.", prefix + "decoder."
    shapes = {**_convolution(encoder + "conv_in", 128, 3, 3), **_convolution(decoder + "conv_in", 512, 4, 3)}
    into = 128
    for level, width in enumerate(widths):
        for block in (0, 1):
            shapes.update(_resnet(f"{encoder}down.{level}.block.{block}", into, width))
            into = width
        if level < 3:
            shapes.update(_convolution(f"{encoder}down.{level}.downsample.conv", width, width, 3))
    for level in (3, 2, 1, 0):
        for block in (0, 1, 2):
            shapes.update(_resnet(f"{decoder}up.{level}.block.{block}", into, widths[level]))
            into = widths[level]
        if level > 0:
            shapes.update(_convolution(f"{decoder}up.{level}.upsample.conv", into, into, 3))
    shapes.update({**_vae_middle(encoder + "mid."), **_vae_middle(decoder + "mid.")})
    shapes.update({**_norm(encoder + "norm_out", 512), **_convolution(encoder + "conv_out", 8, 512, 3),
                   **_norm(decoder + "norm_out", 128), **_convolution(decoder + "conv_out", 3, 128, 3),
                   **_convolution(prefix + "quant_conv", 8, 8, 1), **_convolution(prefix + "post_quant_conv", 4, 4, 1)})
    return _filled(shapes, dtype, seed)


def _part_of_vae():
    shapes = {**_convolution("encoder.conv_in", 128, 3, 3), **_convolution("decoder.conv_in", 512, 4, 3)}
    return _filled(shapes, "F32", "part")


# Modules of LoRAs: kohya's name, diffusers' name, rows, columns, kernel (0 for a linear layer).
_B = "down_blocks.0.attentions.0.transformer_blocks.0."
SD1_MODULES = {
    "q": ("lora_unet_", "unet.", _B + "attn1.to_q", 320, 320, 0),
    "k2": ("lora_unet_", "unet.", _B + "attn2.to_k", 320, 768, 0),
    "out": ("lora_unet_", "unet.", "up_blocks.3.attentions.2.transformer_blocks.0.attn1.to_q", 320, 320, 0),
    "proj": ("lora_unet_", "unet.", "down_blocks.0.attentions.0.proj_in", 320, 320, 1),
    "conv": ("lora_unet_", "unet.", "down_blocks.0.resnets.0.conv1", 320, 320, 3),
    "te": ("lora_te_", "text_encoder.", "text_model.encoder.layers.0.self_attn.q_proj", 768, 768, 0),
}
SD2_MODULES = {
    "q": ("lora_unet_", "unet.", _B + "attn1.to_q", 320, 320, 0),
    "k2": ("lora_unet_", "unet.", _B + "attn2.to_k", 320, 1024, 0),
    "proj": ("lora_unet_", "unet.", "down_blocks.0.attentions.0.proj_in", 320, 320, 0),
    "te": ("lora_te_", "text_encoder.", "text_model.encoder.layers.0.self_attn.q_proj", 1024, 1024, 0),
    "te_v": ("lora_te_", "text_encoder.", "text_model.encoder.layers.0.self_attn.v_proj", 1024, 1024, 0),
}
_X = "input_blocks.4.1.transformer_blocks.0."
SDXL_MODULES = {
    "q": ("lora_unet_", "unet.", _X + "attn1.to_q", 640, 640, 0),
    "k2": ("lora_unet_", "unet.", _X + "attn2.to_k", 640, 2048, 0),
    "te1": ("lora_te1_", "text_encoder.", "text_model.encoder.layers.0.self_attn.q_proj", 768, 768, 0),
    "te2_q": ("lora_te2_", "text_encoder_2.", "text_model.encoder.layers.0.self_attn.q_proj", 1280, 1280, 0),
    "te2_k": ("lora_te2_", "text_encoder_2.", "text_model.encoder.layers.0.self_attn.k_proj", 1280, 1280, 0),
}
SDXL_DIFFUSERS = dict(SDXL_MODULES)
_Y = "down_blocks.1.attentions.0.transformer_blocks.0."
SDXL_DIFFUSERS["q"] = ("lora_unet_", "unet.", _Y + "attn1.to_q", 640, 640, 0)
SDXL_DIFFUSERS["k2"] = ("lora_unet_", "unet.", _Y + "attn2.to_k", 640, 2048, 0)
REFINER_MODULES = {
    "q": ("lora_unet_", "unet.", _X + "attn1.to_q", 768, 768, 0),
    "k2": ("lora_unet_", "unet.", _X + "attn2.to_k", 768, 1280, 0),
}

KOHYA = (".lora_up.weight", ".lora_down.weight")
SPELLINGS = {
    "kohya": KOHYA,
    "peft": (".lora_B.weight", ".lora_A.weight"),
    "named": (".lora_B.default.weight", ".lora_A.default.weight"),
    "diffusers": (".lora.up.weight", ".lora.down.weight"),
    "linear": (".lora_linear_layer.up.weight", ".lora_linear_layer.down.weight"),
}


def name_of(module, kohya=True):
    flat, dotted, path = module[:3]
    return flat + path.replace(".", "_") if kohya else dotted + path


def lora(seed, modules, rank=4, dtype="F16", alpha=None, spelling="kohya", ranks=None):
    """A pair of factors for each module, and an alpha if one is given."""
    up, down = SPELLINGS[spelling]
    tensors = {}
    for key, module in modules.items():
        rows, columns, kernel = module[3:]
        r = (ranks or {}).get(key, rank)
        name = name_of(module, spelling == "kohya")
        tensors[name + up] = noise(seed + key + "u", dtype, rows, r, *((1, 1) if kernel else ()))
        tensors[name + down] = noise(seed + key + "d", dtype, r, columns, *((kernel, kernel) if kernel else ()))
        if alpha is not None:
            tensors[name + ".alpha"] = values(dtype, (), alpha)
    return tensors


def _pick(modules, *keys):
    return {key: modules[key] for key in keys}


Q = name_of(SD1_MODULES["q"])
K2 = name_of(SD1_MODULES["k2"])
TE = name_of(SD1_MODULES["te"])
CONV = name_of(SD1_MODULES["conv"])


def _mid():
    """LoCon with a mid factor: up [out, r, 1, 1], mid [r, r, 3, 3], down [r, in, 1, 1]."""
    return {
        CONV + ".lora_up.weight": noise("mu", "F16", 320, 4, 1, 1),
        CONV + ".lora_mid.weight": noise("mm", "F16", 4, 4, 3, 3),
        CONV + ".lora_down.weight": noise("md", "F16", 4, 320, 1, 1),
        CONV + ".alpha": values("F16", (), 2),
        **lora("mid", _pick(SD1_MODULES, "k2")),
    }


def _full():
    """Differences in full: a weight, biases, a normalisation layer."""
    block = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_"
    return {
        Q + ".diff": noise("dq", "F16", 320, 320),
        K2 + ".diff": noise("dk", "F32", 320, 768),
        block + "attn1_to_out_0.diff": noise("do", "F16", 320, 320),
        block + "attn1_to_out_0.diff_b": noise("dob", "F16", 320),
        TE + ".diff_b": noise("tb", "F16", 768),
        block + "norm1.w_norm": noise("nw", "F16", 320),
        block + "norm1.b_norm": noise("nb", "F16", 320),
    }


def _foreign(*parts, module=Q):
    """One module in a format that is refused by name: suffixes with their shapes; and a pair that fits."""
    tensors = {f"{module}.{suffix}": noise(suffix, "F16", *shape) for suffix, shape in parts}
    return safetensors({**lora("beside", _pick(SD1_MODULES, "k2")), **tensors})


def _alone(*parts, module=Q):
    return safetensors({f"{module}.{suffix}": noise(suffix, "F16", *shape) for suffix, shape in parts})


def _formats():
    return {
        "loha": _foreign(("hada_w1_a", (320, 4)), ("hada_w1_b", (4, 320)), ("hada_w2_a", (320, 4)), ("hada_w2_b", (4, 320))),
        "lokr": _foreign(("lokr_w1", (8, 8)), ("lokr_w2_a", (40, 4)), ("lokr_w2_b", (4, 40))),
        "dora": safetensors({**lora("dora", SD1_MODULES), Q + ".dora_scale": noise("ds", "F16", 1, 320)}),
        "dora-peft": safetensors({
            **lora("dorap", _pick(SD1_MODULES, "q", "k2"), spelling="peft"),
            name_of(SD1_MODULES["q"], False) + ".lora_magnitude_vector": noise("mv", "F16", 320)}),
        "ia3": _alone(("weight", (320,)), ("on_input", ())),
        "glora": _alone(("a1.weight", (4, 320)), ("a2.weight", (320, 4)), ("b1.weight", (4, 320)), ("b2.weight", (320, 4))),
        "oft": _alone(("oft_blocks", (4, 80, 80)), ("alpha", ())),
        "boft": _alone(("oft_blocks", (3, 4, 80, 80)), ("alpha", ())),
        "oft2": _alone(("oft_R.weight", (10, 496)), module=name_of(SD1_MODULES["q"], False)),
        "tlora": _foreign(("q_layer.weight", (4, 320)), ("p_layer.weight", (320, 4)), ("lambda_layer", (1, 4))),
        "sparse": safetensors({
            **lora("sp", _pick(SD1_MODULES, "q")), Q + ".bias_indices": values("I64", (1, 2), 1, 2),
            Q + ".bias_values": noise("bv", "F16", 2), Q + ".bias_size": values("I64", (1,), 320)}),
        "set-weight": _alone(("set_weight", (320, 320)),),
        "embedding-lora": safetensors({
            **lora("el", _pick(SD1_MODULES, "te"), spelling="peft"),
            "text_encoder.text_model.embeddings.token_embedding.lora_embedding_A": noise("ea", "F16", 4, 49408)}),
        "peft-saved": safetensors({
            **lora("ps", _pick(SD1_MODULES, "q"), spelling="peft"),
            "unet.conv_in.modules_to_save.weight": noise("pm", "F16", 320, 4, 3, 3)}),
    }


FLUX_KEYS = {
    "double_blocks.0.img_attn.norm.key_norm.scale": (128,), "img_in.weight": (3072, 64),
    "double_blocks.0.img_attn.qkv.weight": (96, 32),
}
_OTHERS = {
    "flux": {D + key: shape for key, shape in FLUX_KEYS.items()},
    "flux2": {"double_stream_modulation_img.lin.weight": (8, 8)},
    "chroma": {"distilled_guidance_layer.in_proj.weight": (8, 8)},
    "sd3": {D + "joint_blocks.0.context_block.attn.qkv.weight": (8, 8)},
    "qwen-image": {"txt_norm.weight": (8,), "transformer_blocks.0.img_mod.1.weight": (8, 8)},
    "wan": {"head.modulation": (1, 2, 8)},
    "pixart": {"t_block.1.weight": (8, 8)},
}


def _other_lora(module, rows, columns):
    return safetensors({
        module + ".lora_up.weight": noise(module, "F16", rows, 4), module + ".lora_down.weight": noise(module, "F16", 4, columns)})


# What each architecture's LoRAs have that others lack.
_OTHER_LORAS = {
    "lora-flux": ("lora_unet_double_blocks_0_img_attn_proj", 3072, 3072),
    "lora-sd3": ("lora_unet_joint_blocks_0_context_block_attn_proj", 1536, 1536),
    "lora-wan": ("lora_unet_blocks_0_cross_attn_q", 1536, 1536),
    "lora-cascade": ("lora_prior_unet_down_blocks_0_attn", 64, 64),
}


def _kinds():
    """Files that people take for checkpoints or LoRAs."""
    return {
        "control-lora": {"lora_controlnet": values("U8", (0,)), "input_hint_block.0.down": noise("cl", "F16", 4, 4)},
        "controlnet": {"control_model.input_hint_block.0.weight": noise("cn", "F16", 16, 3, 3, 3)},
        "ip-adapter": {"image_proj.proj.weight": noise("ip", "F16", 8, 8), "ip_adapter.1.to_k_ip.weight": noise("ik", "F16", 8, 8)},
        "embedding": {"emb_params": noise("em", "F32", 2, 768)},
        "t2i-adapter": {"adapter.body.0.block1.weight": noise("t2", "F16", 8, 8)},
        "motion": {"down_blocks.0.motion_modules.0.temporal_transformer.norm.weight": noise("mo", "F16", 320)},
        "upscaler": {"model.1.sub.0.RDB1.conv1.0.weight": noise("es", "F32", 32, 64, 3, 3)},
        "diffusers-unet": {
            "conv_in.weight": noise("ci", "F16", 320, 4, 3, 3),
            "down_blocks.0.resnets.0.conv1.weight": noise("rc", "F16", 320, 320, 3, 3),
            "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight": noise("dq1", "F16", 320, 320)},
        "text-encoder": {"text_model.encoder.layers.0.self_attn.q_proj.weight": noise("tq", "F16", 768, 768)},
        "nothing": {"weight_one": noise("w1", "F32", 3, 3), "weight_two": noise("w2", "F32", 3), "weight_three": noise("w3", "F32", 3)},
    }


def _text(text):
    return text.encode()


def _broken():
    """File name to content: nothing of it can be merged, and each has its own reason."""
    whole = safetensors(lora("broken", _pick(SD1_MODULES, "q", "k2")))
    one = {"a": {"dtype": "F16", "shape": [4], "data_offsets": [0, 8]}}
    deep = json.dumps({**one, "b": {"dtype": "F16", "shape": [4], "data_offsets": [4, 12]}}).encode()
    gap = json.dumps({**one, "b": {"dtype": "F16", "shape": [4], "data_offsets": [12, 20]}}).encode()
    short = json.dumps({"a": {"dtype": "F16", "shape": [5], "data_offsets": [0, 8]}}).encode()
    odd = json.dumps({"a": {"dtype": "F4", "shape": [4], "data_offsets": [0, 8]}}).encode()
    twice = b'{"a":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},"a":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}'
    sound = torch_zip({"a.weight": noise("z", "F32", 4, 4)})
    return {
        "empty.safetensors": b"",
        "cut.safetensors": whole[: len(whole) // 2],
        "longer.safetensors": whole + b"\0" * 16,
        "overlap.safetensors": with_header(deep, b"\0" * 12),
        "gap.safetensors": with_header(gap, b"\0" * 20),
        "short.safetensors": with_header(short, b"\0" * 8),
        "dtype.safetensors": with_header(odd, b"\0" * 8),
        "twice.safetensors": with_header(twice, b"\0" * 8),
        "huge-header.safetensors": b"\xff" * 7 + b"\x7f{" + b"\0" * 100,
        "no-json.safetensors": with_header(b'{"a": [1, 2', b""),
        "page.safetensors": _text("<!doctype html><html><title>Log in - Civitai</title><body>please log in</body></html>"),
        "error.safetensors": _text('{"error":"Unauthorized","message":"The creator of this asset requires you to be logged in"}'),
        "pointer.safetensors": _text("version https://git-lfs.github.com/spec/v1\noid sha256:" + "ab" * 32 + "\nsize 1234567\n"),
        "denied.safetensors": _text('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'),
        "zeros.safetensors": b"\0" * 5000,
        "picture.safetensors": bytes.fromhex("89504e470d0a1a0a0000000d49484452") + b"\0" * 64,
        "quantised.safetensors": b"GGUF" + bytes.fromhex("03000000" + "00" * 16),
        "sound-as.safetensors": sound,
        "cut.ckpt": sound[:-40],
        "code.ckpt": b"\x80\x02cposix\nsystem\nq\x00X\x04\x00\x00\x00echoq\x01\x85q\x02Rq\x03.",
        "noise.ckpt": hashlib.shake_128(b"noise").digest(3000),
        "lost.safetensors.index.json": json.dumps({"weight_map": {"a": "lost-00001-of-00001.safetensors"}}).encode(),
        "bad.safetensors.index.json": b'{"weight_map": 7}',
    }


_TRAINED = {
    "ss_base_model_version": "sd_v1", "ss_network_module": "networks.lora", "ss_network_dim": "4", "ss_network_alpha": "2",
    "ss_output_name": "pixel", "ss_training_comment": "for the golden runs", "ss_sd_model_name": "v1-5-pruned.safetensors",
    "ss_tag_frequency": '{"10_pixel":{"pixel art":12,"cat":5},"2_more":{"pixel art":3,"dog":1}}',
    "modelspec.architecture": "stable-diffusion-v1/lora", "modelspec.title": "Pixel", "modelspec.trigger_phrase": "pixel art",
    "modelspec.author": "somebody", "modelspec.license": "CreativeML Open RAIL-M",
}
_PEFT_CONFIG = {"lora_adapter_metadata": json.dumps({
    "unet.r": 4, "unet.lora_alpha": 8, "unet.alpha_pattern": {"attn2.to_k": 2}, "unet.use_rslora": False})}


def all_inputs():
    pick = _pick
    inputs = {
        # checkpoints
        "sd1.safetensors": lambda: safetensors(sd1(), {"format": "pt"}),
        "sd1-f32.safetensors": lambda: safetensors(sd1("F32")),
        "sd1-bf16.safetensors": lambda: safetensors(sd1("BF16")),
        "sd1-f8.safetensors": lambda: safetensors(sd1("F8_E4M3")),
        "sd1-f8e5.safetensors": lambda: safetensors(sd1("F8_E5M2")),
        "sd1-f64.safetensors": lambda: safetensors(sd1("F64")),
        "sd1-tuned.safetensors": lambda: safetensors(sd1(seed="tuned")),
        "sd1-inpainting.safetensors": lambda: safetensors(_inpainting()),
        "sd1-ema.safetensors": lambda: safetensors(sd1(extra=_ema())),
        "sd1-vae.safetensors": lambda: safetensors({**_small(), **_vae("first_stage_model.", seed="own")}),
        "sd1-positions.safetensors": lambda: safetensors({**sd1(), **_positions("BF16", True)}),
        "sd1-vpred.safetensors": lambda: safetensors(sd1(extra={"v_pred": values("F32", (0,)), "ztsnr": values("F32", (0,))})),
        "sd1-scaled.safetensors": lambda: safetensors({
            **sd1("F8_E4M3"), "scaled_fp8": values("F32", (2,), 0, 0), D + "out.2.scale_weight": values("F32", (1,), 0.5)}),
        "sd1-unet.safetensors": lambda: safetensors({k: t for k, t in sd1().items() if k.startswith(D)}),
        "sd1-nan.safetensors": lambda: safetensors(sd1(extra={
            D + "out.2.bias": values("F16", (4,), float("nan"), 1, float("-inf"), 0),
            D + "input_blocks.1.1.transformer_blocks.0.attn1.to_v.weight": Tensor("F16", (320, 320), b"\0" * 204800)})),
        "sd1.ckpt": lambda: torch_zip({"state_dict": sd1(), "epoch": 7, "global_step": 840000}),
        "sd1-old.ckpt": lambda: torch_legacy({"state_dict": sd1()}),
        "small.safetensors": safetensors(_small()),
        "small-near.safetensors": safetensors(_near(_small())),
        "small-tuned.safetensors": safetensors(_small("tuned", ("to_q.weight", "to_k.weight", "proj_in.weight", "in_layers.2.weight"))),
        "small-text.safetensors": safetensors(_small("text", ("out_proj.weight", "to_q.weight"))),
        "small-more.safetensors": safetensors(_small("more", ("to_q.weight", "to_k.weight", "norm1.weight", "fc1.bias", "0.0.weight", "emb_layers.1.weight"))),
        "sd2.safetensors": lambda: safetensors(_filled(SD2_SHAPES, "F16", "sd2")),
        "sdxl.safetensors": lambda: safetensors(_filled(SDXL_SHAPES, "F16", "sdxl")),
        "sdxl-bf16.safetensors": lambda: safetensors(_filled(SDXL_SHAPES, "BF16", "sdxl")),
        "sdxl-tuned.safetensors": lambda: safetensors(_filled(SDXL_SHAPES, "F16", "sdxl tuned")),
        "sdxl-inpainting.safetensors": lambda: safetensors(
            _filled({**SDXL_SHAPES, D + "input_blocks.0.0.weight": (320, 9, 3, 3)}, "F16", "sdxl")),
        "refiner.safetensors": lambda: safetensors(_filled(REFINER_SHAPES, "F16", "refiner")),
        "vega.safetensors": lambda: safetensors(_filled(VEGA_SHAPES, "F16", "vega")),
        "vae.safetensors": lambda: safetensors(_vae()),
        "part-of-vae.safetensors": lambda: safetensors(_part_of_vae()),
        # LoRAs that fit
        "pixel.safetensors": safetensors(lora("pixel", SD1_MODULES, 4, alpha=2), _TRAINED),
        "ink.safetensors": safetensors(lora("ink", SD1_MODULES, 8, "BF16")),
        "line.safetensors": safetensors(lora("line", SD1_MODULES, 4, "F32", alpha=4)),
        "unet-only.safetensors": safetensors(lora("uo", pick(SD1_MODULES, "q", "k2"), 4, alpha=4)),
        "mixed-ranks.safetensors": safetensors(lora("mr", SD1_MODULES, alpha=4, ranks={"q": 2, "k2": 16, "conv": 8})),
        "big.safetensors": safetensors(lora("big", SD1_MODULES, 16, alpha=8), _TRAINED),
        "half.safetensors": safetensors(lora("half", {**SD1_MODULES, "far": (
            "lora_unet_", "unet.", "mid_block.attentions.0.transformer_blocks.0.attn1.to_q", 1280, 1280, 0)}, 4)),
        "mid.safetensors": safetensors(_mid()),
        "full.safetensors": safetensors(_full()),
        "peft.safetensors": safetensors(lora("peft", pick(SD1_MODULES, "q", "k2", "te"), spelling="peft"), _PEFT_CONFIG),
        "peft-plain.safetensors": safetensors(lora("peftp", pick(SD1_MODULES, "q", "k2", "te"), spelling="peft")),
        "peft-named.safetensors": safetensors(lora("peftn", pick(SD1_MODULES, "q", "k2"), spelling="named")),
        "diffusers.safetensors": safetensors(lora("diff", pick(SD1_MODULES, "q", "k2"), spelling="diffusers")),
        "linear.safetensors": safetensors(lora("lin", pick(SD1_MODULES, "q", "te"), spelling="linear")),
        "adapter_model.safetensors": safetensors(lora("am", pick(SD1_MODULES, "q", "k2"), spelling="peft")),
        "adapter_config.json": json.dumps({"r": 4, "lora_alpha": 16, "use_rslora": True}).encode(),
        "f8-lora.safetensors": safetensors(lora("f8", pick(SD1_MODULES, "q", "k2"), 4, "F8_E4M3")),
        "pixel.pt": torch_zip(lora("pixel", SD1_MODULES, 4, alpha=2)),
        "strong.safetensors": safetensors(lora("strong", pick(SD1_MODULES, "q", "k2"), 4, alpha=60000)),
        "zero.safetensors": safetensors({
            key: Tensor(t.dtype, t.shape, bytes(len(t.raw))) if "up" in key else t
            for key, t in lora("zero", pick(SD1_MODULES, "q", "k2")).items()}),
        "sd2-lora.safetensors": safetensors(lora("s2", SD2_MODULES, 4, alpha=4)),
        "sdxl-lora.safetensors": safetensors(lora("sx", SDXL_MODULES, 4, alpha=4)),
        "sdxl-peft.safetensors": safetensors(lora("sxp", SDXL_DIFFUSERS, 8, spelling="peft")),
        "refiner-lora.safetensors": safetensors(lora("rf", REFINER_MODULES, 4)),
        # LoRAs that do not
        "unsure.safetensors": safetensors(lora("un", pick(SD1_MODULES, "q"), 4)),
        "wrong-shape.safetensors": safetensors({
            **lora("ws", pick(SD1_MODULES, "k2")), Q + ".lora_up.weight": noise("wu", "F16", 640, 4),
            Q + ".lora_down.weight": noise("wd", "F16", 4, 320)}),
        "unequal.safetensors": safetensors({
            **lora("ue", pick(SD1_MODULES, "k2")), Q + ".lora_up.weight": noise("uu", "F16", 320, 4),
            Q + ".lora_down.weight": noise("ud", "F16", 8, 320)}),
        "only-up.safetensors": safetensors({
            **lora("ou", pick(SD1_MODULES, "k2")), Q + ".lora_up.weight": noise("ouu", "F16", 320, 4)}),
        "nan-lora.safetensors": safetensors({
            **lora("nl", pick(SD1_MODULES, "q", "k2")), Q + ".alpha": values("F32", (), float("nan"))}),
        "strange-keys.safetensors": safetensors({
            **lora("sk", pick(SD1_MODULES, "q", "k2")), "lora_unet_elsewhere.lora_up.weight": noise("se", "F16", 8, 4),
            "lora_unet_elsewhere.lora_down.weight": noise("sf", "F16", 4, 8), "something.else": noise("sg", "F16", 3)}),
    }
    inputs.update({f"{name}.safetensors": content for name, content in _formats().items()})
    inputs.update({
        f"{name}.safetensors": safetensors(_filled(shapes, "BF16", name)) for name, shapes in _OTHERS.items()})
    inputs.update({f"{name}.safetensors": _other_lora(*rest) for name, rest in _OTHER_LORAS.items()})
    inputs.update({f"{name}.safetensors": safetensors(tensors) for name, tensors in _kinds().items()})
    inputs.update(_broken())
    inputs.update(shards("model", sd1(), 3))
    inputs.update({"notes.md": b"---\nlicense: mit\ntags:\n  - mine\n---\n\n# My mix\n\nWords of my own.\n"})
    return inputs
