"""Downloads from the fake hub with the official Python client; prints one line a check."""

import hashlib
import os
import pathlib
import sys

from huggingface_hub import HfApi, get_hf_file_metadata, hf_hub_download, hf_hub_url
from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

HOME = pathlib.Path(sys.argv[1])
TOKEN = os.environ["TOKEN"]
REPO = "alice/pixel"
FILE = "pixel.safetensors"


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def check(name):
    def run(body):
        try:
            body()
            print(f"ok python: {name}")
        except Exception as e:  # every failure is one line
            print(f"not ok python: {name}: {type(e).__name__} {str(e)[:200]!r}")

    return run


def raises(error, call):
    try:
        call()
    except error:
        return
    raise AssertionError(f"no {error.__name__}")


@check("metadata has commit, hash and size")
def _():
    meta = get_hf_file_metadata(hf_hub_url(REPO, FILE))
    assert len(meta.commit_hash) == 40 and len(meta.etag) == 64 and meta.size > 2_000_000


@check("download into the cache has the announced hash")
def _():
    path = hf_hub_download(REPO, FILE)
    assert sha256(path) == get_hf_file_metadata(hf_hub_url(REPO, FILE)).etag


@check("download into a folder")
def _():
    path = hf_hub_download(REPO, "sub/deep er/ink.safetensors", local_dir=HOME / "local")
    assert pathlib.Path(path).stat().st_size > 140_000


@check("small file that the hub serves itself")
def _():
    assert pathlib.Path(hf_hub_download(REPO, "README.md")).read_text() == "# Pixel\n"


@check("download by commit and with a token")
def _():
    commit = get_hf_file_metadata(hf_hub_url(REPO, FILE)).commit_hash
    hf_hub_download(REPO, FILE, revision=commit, token=TOKEN, force_download=True)


@check("snapshot of a repository")
def _():
    folder = pathlib.Path(snapshot_download(REPO, local_dir=HOME / "snapshot"))
    assert (folder / FILE).exists() and (folder / "sub/deep er/ink.safetensors").exists()


@check("gated file with a token")
def _():
    hf_hub_download("alice/gated", "g.safetensors", token=TOKEN)


@check("listing with sizes and hashes")
def _():
    info = HfApi().model_info(REPO, files_metadata=True)
    files = {s.rfilename: s for s in info.siblings}
    assert files[FILE].lfs.sha256 == get_hf_file_metadata(hf_hub_url(REPO, FILE)).etag
    assert FILE in HfApi().list_repo_files(REPO)
    assert HfApi().get_paths_info(REPO, [FILE])[0].path == FILE


@check("whoami")
def _():
    assert HfApi().whoami(token=TOKEN)["name"] == "alice"


@check("missing file, revision and repository, gated and private ones")
def _():
    raises(EntryNotFoundError, lambda: hf_hub_download(REPO, "nothing.bin"))
    raises(RevisionNotFoundError, lambda: hf_hub_download(REPO, FILE, revision="v9"))
    raises(RepositoryNotFoundError, lambda: hf_hub_download("alice/nothing", FILE))
    raises(GatedRepoError, lambda: hf_hub_download("alice/gated", "g.safetensors", token=False, cache_dir=HOME / "c"))
    raises(RepositoryNotFoundError, lambda: hf_hub_download("alice/secret", "s.safetensors", token=False))
