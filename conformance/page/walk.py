"""Walks through the page of `athanor ui` in Chromium as a person would, with the keyboard where that matters, against the fake hub of
the tests; prints one line for each thing that must hold, and keeps a picture of each step.

Arguments: a folder to work in, a folder for pictures, Chromium, the source of axe or -, then the command that starts Java with all classes.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import time

from playwright.sync_api import TimeoutError as Late
from playwright.sync_api import expect, sync_playwright

WORK, PICTURES, CHROMIUM, AXE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4]
JAVA = sys.argv[5:]
SIZES = {"wide": (1280, 900), "phone": (390, 844)}
counts = {True: 0, False: 0}


def check(name, holds, why=""):
    counts[bool(holds)] += 1
    print(f"ok {name}" if holds else f"not ok {name}: {why}", flush=True)


class Process:
    """A Java program that prints lines."""

    def __init__(self, *arguments, **environment):
        self.process = subprocess.Popen(
            [*JAVA, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
            stderr=open(WORK / "errors", "a"), env={**os.environ, **environment})

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"it has ended: {self.process.args[-6:]}")
        return line.rstrip("\n")

    def until(self, wanted):
        while (line := self.line()) != wanted:
            yield line

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        list(self.until("done"))

    def end(self):
        self.process.terminate()
        self.process.wait()


def pictures(page, name):
    """The page at both widths and in both themes; no width may need scrolling sideways."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for width, (x, y) in SIZES.items():
            page.set_viewport_size({"width": x, "height": y})
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png", full_page=True)
            over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            check(f"{name}: fits into {x} px, {theme}", over <= 0, f"{over} px too wide")
        accessible(page, f"{name}, {theme}")
    page.set_viewport_size({"width": 1280, "height": 900})


def accessible(page, name):
    if AXE == "-":
        return
    page.evaluate(pathlib.Path(AXE).read_text())
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    faults = [f"{v['id']} {v['nodes'][0]['html'][:120]}" for v in found["violations"]]
    check(f"{name}: axe finds nothing", not faults, "; ".join(faults))


def says(step, text):
    expect(step.locator(".says")).to_contain_text(text, timeout=60_000)


def lora_file(path, key, rows, columns, rank, metadata):
    """A LoRA of one module, zeros but for one value."""
    names = {f"{key}.lora_down.weight": [rank, columns], f"{key}.lora_up.weight": [rows, rank]}
    header, at = {"__metadata__": metadata}, 0
    for name, shape in names.items():
        size = 2 * shape[0] * shape[1]
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"\x00\x3c" * (at // 2))


def walk(browser, hub, models):
    environment = {
        "HF_ENDPOINT": hub["HF_ENDPOINT"], "CIVITAI_ENDPOINT": hub["CIVITAI_ENDPOINT"], "HF_HOME": str(WORK / "hf"),
        "ATHANOR_CACHE": str(WORK / "cache"), "ATHANOR_CONFIG": str(WORK / "config")}
    ui = Process("athanor.cli.Main", "ui", "--no-browser", "--dir", str(models), **environment)
    address = ui.line()
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        steps(page, context, address, models, hub)
        check("the browser has nothing to complain of", not [s for s in said if "status of 400" not in s and "status of 401" not in s], said[:5])
    except (AssertionError, Late) as failure:
        context.pages[-1].screenshot(path=PICTURES / "failure.png", full_page=True)
        check("the walk goes to its end", False, str(failure)[:600])
        print(said[:5])
    finally:
        ui.end()


def steps(page, context, address, models, hub):
    page.goto(address.split("#")[0])
    expect(page.locator("main")).to_contain_text("the whole address")
    page.goto(address)
    paste, sort, mix, bake, share = (page.locator(f"#{name}") for name in ("paste", "check", "mix", "bake", "share"))
    says(paste, "Begin here")
    check("the token is not in the address", "#" not in page.url, page.url)
    pictures(page, "1-empty")

    # By keyboard alone: the field, the paste, the button.
    page.get_by_label(re.compile("^Links from")).focus()
    page.keyboard.type(f"{models}/demo-base.safetensors\n{models}/demo-pixel.safetensors@0,6\nhf:alice/ink/demo-ink.safetensors@0.4")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    says(sort, "Everything fits")
    check("three inputs are listed", sort.locator(".inputs > li").count() == 3)
    check("the ratio behind the name is taken", page.get_by_label("Ratio").first.input_value() == "0.6")
    check("the download is foretold", "kB" in sort.locator(".figures").inner_text(), sort.locator(".figures").inner_text())

    # Mistakes of a beginner, and the buttons that cure them.
    page.get_by_label(re.compile("^Links from")).fill(f"{models}/sdxl-lora.safetensors\n{models}/other-base.safetensors\n{models}/gone.safetensors")
    page.keyboard.press("Control+Enter")
    says(sort, "1 LoRA does not fit")
    pictures(page, "2-mistakes")
    page.get_by_role("button", name="Remove: gone.safetensors").click()
    sort.get_by_role("button", name="Leave out: sdxl-lora.safetensors").click()
    says(sort, "Everything fits")
    check("what does not fit can be left out", True)
    page.get_by_role("button", name="Use as base: other-base.safetensors").click()
    expect(sort.locator(".inputs > li", has_text="other-base").locator(".mark")).to_contain_text("base")
    check("another base can be chosen", True)
    page.get_by_role("button", name="Use as base: demo-base.safetensors").click()
    page.get_by_role("button", name="Mix in: other-base.safetensors").click()
    expect(mix.get_by_label("Share", exact=True)).to_have_value("0.5")
    says(sort, "Everything fits")
    check("another checkpoint can be mixed in", True)
    page.get_by_role("button", name="Remove: other-base.safetensors").click()
    page.get_by_role("button", name="Remove: sdxl-lora.safetensors").click()
    says(sort, "Everything fits")
    page.get_by_label(re.compile("^Links from")).fill("no/such thing\n")
    page.get_by_role("button", name="Add").click()
    expect(sort.locator(".inputs > li", has_text="cannot be read")).to_have_count(1, timeout=30_000)
    sort.locator(".inputs > li", has_text="cannot be read").get_by_role("button", name=re.compile("^Remove")).click()
    says(sort, "Everything fits")

    # The file picker.
    page.get_by_role("button", name="Choose files …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("This folder")).click()
    expect(dialog.get_by_label(re.compile("demo-ink"))).to_be_visible()
    pictures(page, "3-picker")
    dialog.get_by_label(re.compile("demo-ink")).check()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    check("the picker closes with Escape", True)
    page.get_by_role("button", name="Choose files …").click()
    dialog.get_by_role("button", name=re.compile("This folder")).click()
    dialog.get_by_label(re.compile("demo-ink")).check()
    dialog.get_by_role("button", name="Add 1 file").click()
    page.get_by_role("button", name="Remove: demo-ink.safetensors").first.click()
    says(sort, "Everything fits")

    # Ratios, and what they come to.
    expect(mix.locator(".push")).to_be_visible(timeout=60_000)
    before = mix.locator(".push strong").first.inner_text()
    field = page.get_by_label("Ratio", exact=True).first
    field.fill("1,2")
    expect(mix.locator(".push strong").first).not_to_have_text(before)
    check("a comma is a decimal point", mix.locator("input[type=range]").first.input_value() == "1.2")
    field.fill("much")
    expect(mix.locator(".wrong")).to_be_visible()
    field.fill("0.6")
    took = page.evaluate("""async () => {
      const slider = document.querySelector('#mix input[type=range]'), push = document.querySelector('.push strong');
      const before = push.textContent, begin = performance.now();
      slider.value = '1.4'; slider.dispatchEvent(new Event('input', {bubbles: true}));
      while (push.textContent === before && performance.now() - begin < 2000) await new Promise(requestAnimationFrame);
      return performance.now() - begin; }""")
    check("moving a slider shows at once", took < 1900, f"{took:.1f} ms")
    print(f"# a moved slider shows after {took:.1f} ms")
    page.wait_for_timeout(400)
    page.locator("#mix input[type=range]").first.focus()
    page.keyboard.press("ArrowLeft")
    check("the slider moves by keyboard", field.input_value() == "1.35", field.input_value())
    mix.get_by_text("Block by block").click()
    pictures(page, "4-mix")

    # A page that is closed misses nothing; two see the same.
    other = context.new_page()
    other.goto(address)
    expect(other.get_by_label("Ratio", exact=True).first).to_have_value("1.35")
    check("another tab shows the same", True)

    bake.get_by_label("Name of the new file").fill("my mix")
    bake.get_by_role("button", name="Bake").click()
    page.close()
    expect(other.locator("#bake .jobs > li").first).to_contain_text("modules at", timeout=60_000)
    check("a bake goes on when its tab is closed", True)
    page, bake, share = other, other.locator("#bake"), other.locator("#share")
    check("the file is there", (models / "my mix.safetensors").is_file())
    page.get_by_label("Name of the new file").fill("my mix")
    bake.get_by_role("button", name="Bake").click()
    bake.get_by_role("button", name="Replace it").click()
    expect(bake.locator(".mark.good")).to_have_count(2, timeout=60_000)
    check("a file is replaced only when asked for", True)
    bake.locator("summary", has_text="Hashes").first.click()
    pictures(page, "5-baked")

    # Sharing: a token once, then the upload.
    share.get_by_label(re.compile("^Token")).fill(hub["WRITE_TOKEN"])
    share.get_by_role("button", name="Save").click()
    expect(share.get_by_label(re.compile("^Repository"))).to_be_visible()
    share.get_by_label(re.compile("^Repository")).fill("alice/my-mix")
    page.wait_for_timeout(300)
    pictures(page, "6-share")
    share.get_by_role("button", name="Upload, for you alone").click()
    expect(share.locator(".jobs > li").first).to_contain_text("It is at", timeout=60_000)
    check("the result is published", True)
    pictures(page, "7-shared")
    check("no token is on the page", hub["WRITE_TOKEN"] not in page.content())
    page.get_by_role("button", name="End Athanor").click()
    expect(page.locator("main")).to_contain_text("has ended")
    check("the page ends Athanor", True)


def main():
    models = WORK / "models"
    models.mkdir(parents=True)
    PICTURES.mkdir(parents=True, exist_ok=True)
    fake = Process("athanor.testkit.web.FakeHubMain")
    hub = dict(line.split("=", 1) for line in fake.until("ready"))
    subprocess.run([*JAVA, "athanor.cli.Main", "demo", "--dir", str(models), "-q"], check=True, stdout=subprocess.DEVNULL)
    (models / "demo-merged.safetensors").unlink()
    (models / "other-base.safetensors").write_bytes((models / "demo-base.safetensors").read_bytes())
    lora_file(models / "sdxl-lora.safetensors", "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", 640, 2048, 16,
              {"ss_base_model_version": "sdxl_base_v1-0", "modelspec.trigger_phrase": "a small alchemist"})
    fake.tell(f"publish alice/ink {models}/demo-ink.safetensors")
    began = time.monotonic()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        walk(browser, hub, models)
        browser.close()
    fake.end()
    print(f"{counts[True]} ok, {counts[False]} not ok, {time.monotonic() - began:.0f} s; pictures in {PICTURES}")
    sys.exit(1 if counts[False] else 0)


main()
