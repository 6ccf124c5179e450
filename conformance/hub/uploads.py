"""Uploads to the fake hub with the official Python client; prints one line a check."""

import os
import pathlib
import random
import sys

from fake import check, fake, raises, sha256
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, hf_hub_download
from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    BadRequestError,
    EntryNotFoundError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

HOME = pathlib.Path(sys.argv[1])
TOKEN = os.environ["WRITE_TOKEN"]
READ_TOKEN = os.environ["TOKEN"]
REPO = "alice/by-python"
CARD = "---\nlicense: openrail++\ntags:\n- merge\n---\n# Merged\n"
api = HfApi(token=TOKEN)
folder = HOME / "to-upload"
folder.mkdir(parents=True, exist_ok=True)


def model(name, size, seed):
    """A file of random bytes; it need not be a model."""
    path = folder / name
    path.write_bytes(random.Random(seed).randbytes(size))
    return path


def add(path, source):
    return CommitOperationAdd(path_in_repo=path, path_or_fileobj=source)


def commit(*operations, repo=REPO, **more):
    return api.create_commit(repo, list(operations), commit_message="Upload", **more)


def downloads(path, source, repo=REPO, **more):
    got = hf_hub_download(repo, path, token=TOKEN, force_download=True, **more)
    return sha256(got) == sha256(source)


@check("whoami tells the kinds of tokens apart")
def _():
    def role(name):
        return api.whoami(token=os.environ[name])["auth"]["accessToken"]["role"]

    assert role("WRITE_TOKEN") == "write" and role("TOKEN") == "read"
    assert role("USER_SCOPED_TOKEN") == "fineGrained"
    raises(HfHubHTTPError, lambda: api.whoami(token="hf_unknown"), 401)


@check("create a repository, private, twice")
def _():
    url = api.create_repo(REPO, private=True)
    assert url.repo_id == REPO
    assert api.create_repo(REPO, private=True, exist_ok=True).repo_id == REPO
    raises(HfHubHTTPError, lambda: api.create_repo(REPO), 409)
    assert api.model_info(REPO).private
    raises(RepositoryNotFoundError, lambda: api.model_info(REPO, token=False))


@check("a conflicting operation is waited for")
def _():
    fake("fail", "create", 409, "Cannot create repo: another conflicting operation is in progress")
    assert api.create_repo("alice/waited", exist_ok=True).repo_id == "alice/waited"


@check("commit of card, text and model, whole")
def _():
    fake("basic")
    source = model("a.safetensors", 3_000_001, 1)
    info = commit(add("README.md", CARD.encode()), add("sub/notes é.txt", b"notes\n"), add("a.safetensors", source))
    assert len(info.oid) == 40 and api.model_info(REPO).sha == info.oid
    assert downloads("a.safetensors", source)
    assert pathlib.Path(hf_hub_download(REPO, "README.md", token=TOKEN)).read_text() == CARD
    assert pathlib.Path(hf_hub_download(REPO, "sub/notes é.txt", token=TOKEN)).read_text() == "notes\n"


@check("commit of a model in parts")
def _():
    fake("multipart", 1_000_000)
    for size in (3_000_000, 3_000_001, 1_000_000, 12):
        source = model(f"parts-{size}.safetensors", size, size)
        commit(add(source.name, source))
        assert downloads(source.name, source)


@check("the same again makes no commit")
def _():
    before = api.model_info(REPO).sha
    commit(add("a.safetensors", folder / "a.safetensors"), add("README.md", CARD.encode()))
    assert api.model_info(REPO).sha == before


@check("content that is there under another name is not sent again")
def _():
    commit(add("copy.safetensors", folder / "a.safetensors"))
    assert downloads("copy.safetensors", folder / "a.safetensors")


@check("a part that fails is sent again")
def _():
    fake("multipart", 1_000_000)
    fake("fail", "put", 503)
    source = model("again.safetensors", 2_500_000, 7)
    commit(add(source.name, source))
    assert downloads(source.name, source)


@check("pull request")
def _():
    source = model("pr.safetensors", 2_000_000, 8)
    info = commit(add("pr.safetensors", source), create_pr=True)
    assert info.pr_url and info.pr_num == 1
    assert downloads("pr.safetensors", source, revision="refs/pr/1")
    raises(EntryNotFoundError, lambda: hf_hub_download(REPO, "pr.safetensors", token=TOKEN))


@check("branch, listing, deletion, folder")
def _():
    api.create_branch(REPO, branch="v2")
    raises(HfHubHTTPError, lambda: api.create_branch(REPO, branch="v2"), 409)
    commit(add("b.txt", b"b"), revision="v2")
    commit(CommitOperationDelete("copy.safetensors"), revision="v2")
    names = api.list_repo_files(REPO, revision="v2")
    assert "b.txt" in names and "copy.safetensors" not in names
    assert "copy.safetensors" in api.list_repo_files(REPO)
    api.upload_folder(repo_id=REPO, folder_path=folder, path_in_repo="all")
    got = pathlib.Path(snapshot_download(REPO, token=TOKEN, local_dir=HOME / "got"))
    assert all(sha256(got / "all" / each.name) == sha256(each) for each in folder.iterdir())


@check("settings and right to write")
def _():
    api.update_repo_settings(REPO, private=False)
    assert not api.model_info(REPO, token=False).private
    api.auth_check(REPO)
    api.auth_check(REPO, write=True)
    raises(HfHubHTTPError, lambda: api.auth_check(REPO, write=True, token=READ_TOKEN), 403)


@check("card that the hub refuses stops before any upload")
def _():
    fake("forget-log")
    raises(ValueError, lambda: commit(add("README.md", b"---\nlicense: [\ttab\n---\n")))
    fake("log", HOME / "refused.log")
    assert "preupload" not in (HOME / "refused.log").read_text()


@check("tokens without the right are refused")
def _():
    raises(HfHubHTTPError, lambda: api.create_repo("alice/no", token=READ_TOKEN), 403)
    raises(HfHubHTTPError, lambda: api.create_repo("bob/no"), 403)
    raises(HfHubHTTPError, lambda: commit(add("x.txt", b"x"), token=READ_TOKEN), 403)
    scoped = os.environ["OTHER_SCOPED_TOKEN"]
    raises(HfHubHTTPError, lambda: commit(add("x.txt", b"x"), token=scoped), 403)
    # A token for one repository may not create it, but may write to it.
    fine = os.environ["REPO_SCOPED_TOKEN"]
    api.create_repo("alice/merged", exist_ok=True)
    assert api.create_repo("alice/merged", token=fine, exist_ok=True).repo_id == "alice/merged"
    commit(add("x.txt", b"x"), repo="alice/merged", token=fine)


@check("a commit of somebody else, a missing repository, a missing branch")
def _():
    old = api.model_info(REPO).sha
    fake("foreign-commit", REPO)
    raises(HfHubHTTPError, lambda: commit(add("y.txt", b"y"), parent_commit=old), 412)
    raises(RepositoryNotFoundError, lambda: commit(add("y.txt", b"y"), repo="alice/nothing"))
    raises(RevisionNotFoundError, lambda: commit(add("y.txt", b"y"), revision="v9"))


@check("a pointer without its object is refused")
def _():
    operation = add("lost.safetensors", model("lost.safetensors", 1_500_000, 9))
    api.preupload_lfs_files(REPO, [operation])
    fake("forget")
    raises(BadRequestError, lambda: commit(operation))
