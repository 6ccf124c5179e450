"""Runs the notebook as a person would, one scenario after the other; prints one line for each thing that must hold.

Arguments: a folder to work in, and the command that starts the fake hub.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import urllib.request

import nbformat
from nbclient import NotebookClient

ROOT = pathlib.Path.cwd()
WORK = pathlib.Path(sys.argv[1])
NOTEBOOK = ROOT / "notebooks" / "athanor.ipynb"
ATHANOR = [str(ROOT / "athanor")]
counts = {True: 0, False: 0}


def check(name, holds, why=""):
    counts[bool(holds)] += 1
    print(f"ok {name}" if holds else f"not ok {name}: {why}", flush=True)


class FakeHub:
    """The hubs, in a process that ends with this one."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        self.values = {}
        for line in self.lines("ready"):
            name, _, value = line.partition("=")
            self.values[name] = value

    def lines(self, last):
        while (line := self.process.stdout.readline().rstrip("\n")) != last:
            if not line:
                raise RuntimeError("the fake hub has ended")
            yield line

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        list(self.lines("done"))

    def fetch(self, path, token):
        request = urllib.request.Request(self.values["HF_ENDPOINT"].rstrip("/") + path)
        request.add_unredirected_header("Authorization", "Bearer " + token)
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def end(self):
        self.process.stdin.close()
        rest = self.process.stdout.read()
        self.process.wait()
        return rest


class Outcome:
    """What a run of the notebook left behind."""

    def __init__(self, notebook):
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        self.shown = json.dumps(outputs)
        self.text = "".join(output.get("text", "") for output in outputs)
        self.errors = [output for output in outputs if output["output_type"] == "error"]
        self.message = "\n".join(line for error in self.errors for line in error["traceback"])

    def all(self):
        return self.text + "\n" + self.message


class Runs:
    """Executes copies of the notebook in one folder and keeps what they showed."""

    def __init__(self, folder):
        self.folder = folder
        self.shown = []

    def run(self, folder=None, **form):
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        for name, value in form.items():
            fill_in(notebook, name, value)
        resources = {"metadata": {"path": str(folder or self.folder)}}
        NotebookClient(notebook, timeout=600, kernel_name="python3", allow_errors=True, resources=resources).execute()
        outcome = Outcome(notebook)
        self.shown.append(outcome.shown)
        check_no_traceback(outcome)
        return outcome


def fill_in(notebook, name, value):
    """Sets the value of a form's field, as Colab does."""
    field = re.compile(rf"^{name} = .*?(  #@param.*)$", re.MULTILINE)
    found = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source, times = field.subn(lambda match: f"{name} = {value!r}{match.group(1)}", cell.source)
            found += times
    if found != 1:
        raise RuntimeError(f"the forms have {found} fields {name}")


def check_no_traceback(outcome):
    check("no traceback", "Traceback" not in outcome.all() and 'File \\"' not in outcome.shown
          and len(outcome.message.splitlines()) <= len(outcome.errors), outcome.shown[-2000:])


def tensors_hash(file):
    """SHA-256 of what follows the header, which holds the date."""
    content = pathlib.Path(file).read_bytes()
    return hashlib.sha256(content[8 + struct.unpack("<Q", content[:8])[0]:]).hexdigest()


def write_sdxl_lora(file):
    """A LoRA that does not fit SD 1.x."""
    module = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k"
    header = {
        "__metadata__": {"ss_base_model_version": "sdxl_base_v1-0"},
        module + ".lora_up.weight": {"dtype": "F16", "shape": [640, 4], "data_offsets": [0, 5120]},
        module + ".lora_down.weight": {"dtype": "F16", "shape": [4, 2048], "data_offsets": [5120, 21504]}}
    text = json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + bytes(21504))


def prepare():
    shutil.rmtree(WORK / "home", ignore_errors=True)
    home = WORK / "home"
    (home / "run").mkdir(parents=True)
    os.environ.update(
        ATHANOR_HOME=str(ROOT), ATHANOR_CACHE=str(home / "cache"), ATHANOR_CONFIG=str(home / "config"),
        HF_HOME=str(home / "hf"), PYDEVD_DISABLE_FILE_VALIDATION="1")
    for name in ["HF_TOKEN", "CIVITAI_TOKEN", "HF_HUB_OFFLINE"]:
        os.environ.pop(name, None)
    made = subprocess.run([*ATHANOR, "demo", "--quiet"], cwd=home, capture_output=True, encoding="utf-8")
    if made.returncode != 0:
        raise RuntimeError(made.stderr)
    write_sdxl_lora(home / "wrong.safetensors")
    return home, home / "athanor-demo"


def main():
    home, demo = prepare()
    hub = FakeHub(sys.argv[2:])
    os.environ.update(HF_ENDPOINT=hub.values["HF_ENDPOINT"], CIVITAI_ENDPOINT=hub.values["CIVITAI_ENDPOINT"])
    for repo, file in [("base", demo / "demo-base"), ("pixels", demo / "demo-pixel"), ("ink", demo / "demo-ink"),
                       ("wrong", home / "wrong")]:
        hub.tell(f"publish alice/{repo} {file}.safetensors")
    runs = Runs(home / "run")
    links = dict(base="hf:alice/base/demo-base.safetensors", lora_1="hf:alice/pixels/demo-pixel.safetensors",
                 lora_2=f"{hub.values['HF_ENDPOINT']}/alice/ink/blob/main/demo-ink.safetensors")
    result = home / "run" / "results" / "my-mix.safetensors"

    try_empty_form(runs)
    try_check(runs, links, result)
    try_merge(runs, links, result, demo, home)
    try_what_does_not_fit(runs, links, home)
    token = hub.values["WRITE_TOKEN"]
    os.environ["HF_TOKEN"] = token
    try_upload(runs, links, hub, token, home)
    try_broken_upload(runs, links, hub, token, home)
    try_read_only_token(runs, links, hub, home)
    del os.environ["HF_TOKEN"]
    try_secrets(runs, hub, home)
    try_places(runs)
    try_fetching(runs, home)
    try_installing_java(runs, home)
    secrets = [value for name, value in hub.values.items() if "TOKEN" in name]
    check("no token is sent to the storage", "TOKEN_AT_STORAGE=false" in hub.end())
    check_no_token(runs, secrets, home)
    check("no outputs in the notebook", '"outputs": []' in NOTEBOOK.read_text()
          and not any(cell.get("outputs") for cell in nbformat.read(NOTEBOOK, as_version=4).cells))


def try_empty_form(runs):
    outcome = runs.run()
    check("empty form: says what to fill in", outcome.message == "Fill in at least one LoRA.", outcome.all())


def try_check(runs, links, result):
    outcome = runs.run(**links, action="check")
    check("check: a table of what fits", outcome.text.count(" fits") >= 2 and "SD 1.x" in outcome.text, outcome.all())
    check("check: ends well and writes nothing", not outcome.errors and not result.exists(), outcome.all())


def try_merge(runs, links, result, demo, home):
    outcome = runs.run(**links, ratio_1=0.7, action="merge")
    check("merge: ends well", not outcome.errors and f"the result is results/{result.name}" in outcome.text, outcome.all())
    typed = home / "typed.safetensors"
    subprocess.run(
        [*ATHANOR, "merge", "--base", demo / "demo-base.safetensors", f"{demo / 'demo-pixel.safetensors'}@0.7",
         f"{demo / 'demo-ink.safetensors'}@0.4", "--out", typed, "--quiet"], check=True, capture_output=True)
    check("merge: the same tensors as from the command line",
          result.exists() and tensors_hash(result) == tensors_hash(typed), outcome.all())
    made = result.stat().st_mtime_ns
    again = runs.run(**links, ratio_1=0.7, action="merge")
    check("merge again: knows that it is done",
          "already merged" in again.text and not again.errors and result.stat().st_mtime_ns == made, again.all())
    other = runs.run(**links, ratio_1=0.8, action="merge")
    check("merge otherwise: does not take the old result for the new one",
          "was made otherwise" in other.message and result.stat().st_mtime_ns == made, other.all())
    replaced = runs.run(**links, ratio_1=0.8, action="merge", replace=True, save_precision="bf16")
    check("merge otherwise with a tick: replaces it",
          not replaced.errors and tensors_hash(result) != tensors_hash(typed), replaced.all())
    both = runs.run(lora_1=links["lora_1"], lora_2=links["lora_2"], name="both", action="merge")
    check("merge without a base: a LoRA", not both.errors and (home / "run/results/both.safetensors").exists(), both.all())


def try_what_does_not_fit(runs, links, home):
    outcome = runs.run(**{**links, "lora_2": "hf:alice/wrong/wrong.safetensors"}, name="wrong", action="merge")
    check("a LoRA that does not fit: named, with Athanor's own words",
          "athanor: " in outcome.text and "wrong.safetensors" in outcome.text and "SDXL" in outcome.text, outcome.all())
    check("a LoRA that does not fit: the cell fails with one line",
          len(outcome.errors) == 1 and "exit code 3" in outcome.message, outcome.all())
    check("a LoRA that does not fit: nothing is written", not (home / "run/results/wrong.safetensors").exists())
    missing = runs.run(**{**links, "lora_2": "hf:alice/nothing/x.safetensors"}, name="none", action="merge")
    check("a link to nothing: the cell fails with one line", "exit code 5" in missing.message, missing.all())


def try_upload(runs, links, hub, token, home):
    nowhere = runs.run(**links, name="up", action="merge and upload")
    check("upload to nowhere: asked before the merge",
          "where to upload" in nowhere.message and not (home / "run/results/up.safetensors").exists(), nowhere.all())
    form = dict(**links, name="up", action="merge and upload", upload_to="alice/up")
    outcome = runs.run(**form)
    result = home / "run/results/up.safetensors"
    check("merge and upload: ends well", not outcome.errors and result.exists(), outcome.all())
    arrived = hub.fetch("/alice/up/resolve/main/up.safetensors", token)
    check("merge and upload: what arrived is the result", arrived == result.read_bytes())
    card = hub.fetch("/alice/up/resolve/main/README.md", token).decode()
    check("merge and upload: with a card",
          "- alice/base\n- alice/pixels\n- alice/ink\nbase_model_relation: merge\n" in card
          and "alice/up/blob/main/up.safetensors" in card and hashlib.sha256(arrived).hexdigest() in card, card)
    again = runs.run(**form)
    check("merge and upload again: finds everything done", not again.errors and "already merged" in again.text, again.all())


def try_broken_upload(runs, links, hub, token, home):
    form = dict(**links, name="cut", action="merge and upload", upload_to="alice/cut")
    hub.tell("fail commit 403 not now")
    broken = runs.run(**form)
    result = home / "run/results/cut.safetensors"
    check("a broken upload: the result stays, and the cell fails with one line",
          result.exists() and "exit code 5" in broken.message, broken.all())
    made = result.stat().st_mtime_ns
    again = runs.run(**form)
    check("a broken upload again: goes on without merging",
          not again.errors and "already merged" in again.text and result.stat().st_mtime_ns == made
          and hub.fetch("/alice/cut/resolve/main/cut.safetensors", token) == result.read_bytes(), again.all())


def try_read_only_token(runs, links, hub, home):
    os.environ["HF_TOKEN"] = hub.values["TOKEN"]
    outcome = runs.run(**links, name="ro", action="merge and upload", upload_to="alice/ro")
    check("a read-only token: said before the merge",
          "exit code 5" in outcome.message and not (home / "run/results/ro.safetensors").exists(), outcome.all())


def try_secrets(runs, hub, home):
    private = dict(lora_1="hf:alice/secret/s.safetensors", action="check")
    without = runs.run(**private)
    check("no token: said", "HF_TOKEN: not set" in without.text and "exit code 5" in without.message, without.all())
    read = f"    return {hub.values['TOKEN']!r} if name == 'HF_TOKEN' else missing(name)\n"
    missing = "def missing(name):\n    raise LookupError(name)\n\n"
    colab = f"{missing}def get(name):\n{read}"
    kaggle = f"{missing}class UserSecretsClient:\n  def get_secret(self, name):\n{read}"
    for service, module, source in [("Colab", "google/colab/userdata", colab), ("Kaggle", "kaggle_secrets", kaggle)]:
        stubs = WORK / "stubs" / service
        with_modules(stubs, {module: source})
        outcome = runs.run(**private)
        check(f"{service}'s secrets: the token is used",
              "HF_TOKEN: found" in outcome.text and "CIVITAI_TOKEN: not set" in outcome.text
              and "exit code 5" not in outcome.message, outcome.all())
    del os.environ["PYTHONPATH"]


def with_modules(folder, sources):
    """Lets the kernel import these modules."""
    shutil.rmtree(folder, ignore_errors=True)
    for module, source in sources.items():
        file = folder / (module + ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    os.environ["PYTHONPATH"] = str(folder)


def try_fetching(runs, home):
    """Fetches a stand-in for Athanor that needs no building."""
    os.environ.pop("ATHANOR_HOME")
    source, user, elsewhere = home / "source", home / "user", home / "elsewhere"
    for folder in [source, user, elsewhere]:
        folder.mkdir()
    (source / "athanor").write_text("echo stand-in \"$@\"\n")
    (source / "pom.xml").write_text("<project/>\n")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-C", str(source)]
    for command in [["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]]:
        subprocess.run([*git, *command], check=True)
    before, os.environ["HOME"] = os.environ["HOME"], str(user)
    # Outside of any checkout, so that nothing is found above.
    with tempfile.TemporaryDirectory() as outside:
        unknown = runs.run(folder=outside)
        check("set up: asks for an address", "fill in the address" in unknown.message, unknown.all())
        wrong = runs.run(folder=outside, repository=str(home / "nothing"))
        check("set up: a wrong address", "could not be fetched" in wrong.message, wrong.all())
        fetched = runs.run(folder=outside, repository=str(source))
        check("set up: fetches Athanor", "fetching Athanor" in fetched.text and "stand-in" in fetched.text, fetched.all())
        again = runs.run(folder=outside)
        check("set up again: finds it", f"Athanor is in {user / 'athanor'}\n" in again.text, again.all())
    os.environ["HOME"] = before


def try_installing_java(runs, home):
    """The package comes from the registry; the JDK that it would fetch is the one at hand."""
    jdk = pathlib.Path(sys.argv[2]).parent.parent
    stub = f"import os\n\ndef install(version, path):\n    os.symlink({str(jdk)!r}, os.path.join(path, 'jdk-' + version))\n"
    with_modules(WORK / "stubs" / "jdk", {"jdk": stub})
    before = dict(os.environ)
    os.environ.update(ATHANOR_HOME=str(ROOT), HOME=str(home / "user"), ATHANOR_JDK_FOLDERS="~/.jdks/*",
                      PATH="/usr/bin:/bin")
    os.environ.pop("JAVA_HOME", None)
    if (pathlib.Path("/usr/bin/javac").resolve().parent.parent / "release").exists():
        os.environ["PATH"] = str(path_without_java(home))
    outcome = runs.run()
    check("set up: installs Java", "installing Java 25" in outcome.text and "ready" in outcome.text, outcome.all())
    again = runs.run()
    check("set up again: has Java", "installing" not in again.text and "ready" in again.text, again.all())
    os.environ.clear()
    os.environ.update(before)


def path_without_java(home):
    """The programs that the launcher needs, and no Java."""
    folder = home / "programs"
    folder.mkdir()
    for program in ["bash", "env", "find", "flock", "mkdir", "mktemp", "mv", "nice", "readlink", "rm", "sleep"]:
        if (found := shutil.which(program)):
            (folder / program).symlink_to(found)
    return folder


def try_places(runs):
    del os.environ["ATHANOR_HOME"]
    own = runs.run(folder=NOTEBOOK.parent)
    check("set up: finds Athanor from the notebook's own folder", f"Athanor is in {ROOT}\n" in own.text, own.all())
    os.environ["ATHANOR_HOME"] = str(WORK)
    wrong = runs.run()
    check("set up: says that ATHANOR_HOME is wrong, and the form asks for the set-up",
          "Athanor is not there" in wrong.message and "Run the first cell" in wrong.text, wrong.all())


def check_no_token(runs, secrets, home):
    shown = [secret for secret in secrets for text in runs.shown if secret in text]
    check("no token in any output", secrets and not shown)
    holding = [str(file) for file in home.rglob("*") if file.is_file()
               and any(secret.encode() in file.read_bytes() for secret in secrets)]
    check("no token in any file", not holding, holding)


main()
print(f"{counts[True]} passed, {counts[False]} failed")
sys.exit(0 if counts[True] and not counts[False] else 1)
