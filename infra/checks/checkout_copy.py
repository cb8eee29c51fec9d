"""A copy of the checkout, for checks that change code on purpose: the checkout itself is never touched."""

import shutil
import subprocess
from pathlib import Path


def bring_up(root: Path, copy: Path) -> None:
    """Brings the copy up to the checkout, uncommitted files included. What did not change keeps its time, so it is not built again."""
    listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=root, check=True, capture_output=True)
    wanted = {name for name in listed.stdout.decode().split("\0") if name and (root / name).is_file()}
    for name in wanted:
        source, to = root / name, copy / name
        if not to.is_file() or to.read_bytes() != source.read_bytes():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, to)
            shutil.copymode(source, to)
    for path in copy.rglob("*"):
        if path.is_file() and str(path.relative_to(copy)) not in wanted:
            path.unlink()
