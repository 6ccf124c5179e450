#!/usr/bin/env python3
"""Packs the folder that packaging/image makes. The same folder gives the same bytes, on any system.

  packaging/archives.py IMAGE FOLDER VERSION    writes into FOLDER, prints each path:
      athanor-VERSION-SYSTEM.tar.gz, or .zip on Windows
      athanor_VERSION_ARCH.deb                  on Linux: /opt/athanor, with a link in /usr/bin
      athanor-VERSION-linux-ARCH.oci.tar        on Linux with glibc: an OCI image, made without a daemon;
                                                "docker load" and "podman load" take it
"""

import gzip
import hashlib
import io
import json
import os
import pathlib
import platform
import re
import stat
import subprocess
import sys
import tarfile
import zipfile

DATE = 1793491200  # 2026-11-01, as in pom.xml
DATE_TEXT = "2026-11-01T00:00:00Z"
ARM = platform.machine().lower() in ("arm64", "aarch64")


def files_of(image):
    """Each file's path inside the image, its bytes, its mode; links as what they lead to."""
    for path in sorted(path for path in image.rglob("*") if path.is_file()):
        yield path.relative_to(image).as_posix(), path.read_bytes(), 0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644


def tar_of(entries):
    """A tar of (name, bytes, mode), (name, link target) and (name with a slash at the end, mode)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for entry in entries:
            item = tarfile.TarInfo(entry[0].rstrip("/"))
            item.mtime = DATE
            if entry[0].endswith("/"):
                item.type, item.mode = tarfile.DIRTYPE, entry[1]
                tar.addfile(item)
            elif len(entry) == 2:
                item.type, item.linkname, item.mode = tarfile.SYMTYPE, entry[1], 0o777
                tar.addfile(item)
            else:
                item.size, item.mode = len(entry[1]), entry[2]
                tar.addfile(item, io.BytesIO(entry[1]))
    return buffer.getvalue()


def folders_of(entries):
    """The entries, each folder before what is in it: dpkg and container engines want it so."""
    seen = set()
    for entry in entries:
        parts = entry[0].rstrip("/").split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth]) + "/"
            if folder not in seen and folder not in ("./",):
                seen.add(folder)
                yield folder, 0o755
        seen.add(entry[0])
        yield entry


def zipped(data):
    return gzip.compress(data, 6, mtime=0)


def archive(image, folder, version):
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")
    name = f"athanor-{version}-{system}-{'arm64' if ARM else 'x64'}"
    if system != "windows":
        path = folder / f"{name}.tar.gz"
        path.write_bytes(zipped(tar_of(folders_of((f"{name}/{f}", data, mode) for f, data, mode in files_of(image)))))
        return path
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for inside, data, _ in files_of(image):
            target.writestr(zipfile.ZipInfo(f"{name}/{inside}", (2026, 11, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED, 9)
    return path


def deb(image, folder, version):
    architecture = "arm64" if ARM else "amd64"
    content = list(files_of(image))
    control = f"""Package: athanor
Version: {version}
Architecture: {architecture}
Maintainer: The Athanor project <athanor@localhost>
Installed-Size: {sum(len(data) for _, data, _ in content) // 1024}
Depends: libc6 (>= 2.17)
Section: graphics
Priority: optional
Description: merges LoRAs into checkpoints of image models
 Exact, in little memory, at about the speed of copying the file, without a GPU.
"""
    data = [(f"./opt/athanor/{f}", body, mode) for f, body, mode in content]
    data.append(("./usr/bin/athanor", "/opt/athanor/bin/athanor"))
    members = [
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", zipped(tar_of([("./", 0o755), ("./control", control.encode(), 0o644)]))),
        ("data.tar.gz", zipped(tar_of(folders_of(data)))),
    ]
    path = folder / f"athanor_{version}_{architecture}.deb"
    with open(path, "wb") as target:
        target.write(b"!<arch>\n")
        for name, body in members:
            target.write(f"{name:<16}{DATE:<12}{0:<6}{0:<6}{'100644':<8}{len(body):<10}`\n".encode())
            target.write(body + b"\n" * (len(body) % 2))
    return path


def libraries(image):
    """The system's libraries that the runtime needs, at the places where the loader looks for them."""
    needed = {}
    for path in [image / "bin/java", *sorted(image.glob("lib/**/*.so"))]:
        for line in subprocess.run(["ldd", path], capture_output=True, text=True).stdout.splitlines():
            found = re.fullmatch(r"\s*(?:\S+ => )?(/.*) \(0x[0-9a-f]+\)", line)
            place = found and os.path.normpath(found[1])
            if place and not place.startswith(str(image)):
                needed[place] = pathlib.Path(place).resolve().read_bytes()
    return [(place[1:], data, 0o755) for place, data in sorted(needed.items())]


def oci(image, folder, version):
    layer = tar_of(folders_of([
        *libraries(image),
        *((f"opt/athanor/{f}", data, mode) for f, data, mode in files_of(image)),
        ("tmp/", 0o1777), ("work/", 0o777),
    ]))
    blobs = {}

    def blob(data, media):
        digest = hashlib.sha256(data).hexdigest()
        blobs[digest] = data
        return {"mediaType": f"application/vnd.oci.image.{media}", "digest": f"sha256:{digest}", "size": len(data)}

    def document(value):
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

    architecture = "arm64" if ARM else "amd64"
    java = ["/opt/athanor/bin/java", "@/opt/athanor/app/java.options", "-jar", "/opt/athanor/app/athanor.jar"]
    config = {
        "architecture": architecture, "os": "linux", "created": DATE_TEXT,
        "config": {"Entrypoint": java, "Env": ["LC_ALL=C.UTF-8", "HOME=/tmp"], "WorkingDir": "/work"},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
    }
    manifest = {
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blob(document(config), "config.v1+json"),
        "layers": [blob(zipped(layer), "layer.v1.tar+gzip")],
    }
    described = blob(document(manifest), "manifest.v1+json")
    described["annotations"] = {
        "org.opencontainers.image.ref.name": version, "io.containerd.image.name": f"docker.io/library/athanor:{version}"}
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [described]}
    path = folder / f"athanor-{version}-linux-{architecture}.oci.tar"
    path.write_bytes(tar_of(folders_of([
        *((f"blobs/sha256/{digest}", data, 0o644) for digest, data in sorted(blobs.items())),
        ("index.json", document(index), 0o644),
        ("oci-layout", b'{"imageLayoutVersion":"1.0.0"}', 0o644),
    ])))
    return path


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    image, folder, version = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), sys.argv[3]
    folder.mkdir(parents=True, exist_ok=True)
    print(archive(image, folder, version))
    if sys.platform.startswith("linux"):
        print(deb(image, folder, version))
        if not list(pathlib.Path("/lib").glob("ld-musl-*")):
            print(oci(image, folder, version))


main()
