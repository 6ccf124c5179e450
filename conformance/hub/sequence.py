"""What the official Python client asks for to create a repository and upload a card and one large file.

Usage: sequence.py FOLDER REPO [pr]. The folder has README.md and model.safetensors.
"""

import os
import sys

from huggingface_hub import CommitOperationAdd, HfApi

folder, repo, *pr = sys.argv[1:]
api = HfApi(token=os.environ["WRITE_TOKEN"])
api.whoami()
api.create_repo(repo, private=True, exist_ok=True)
files = [CommitOperationAdd(name, f"{folder}/{name}") for name in ("README.md", "model.safetensors")]
head = api.model_info(repo).sha
api.create_commit(repo, files, commit_message="Upload model.safetensors", parent_commit=head, create_pr=bool(pr))
