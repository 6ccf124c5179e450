"""Makes a folder with a card and a safetensors file of 5 MB: folder.py FOLDER."""

import json
import pathlib
import random
import sys

folder = pathlib.Path(sys.argv[1])
values = random.Random(5).randbytes(5_000_000)
header = json.dumps({"w": {"dtype": "U8", "shape": [len(values)], "data_offsets": [0, len(values)]}}).encode()
(folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + values)
(folder / "README.md").write_text("---\nlicense: openrail++\ntags:\n- merge\n---\n# Merged\n")
