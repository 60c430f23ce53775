"""A batch is refused while the disk still has room for all else."""

import shutil
from pathlib import Path

from registry.errors import Conflict


def check_disk_room(folder: Path, floor: int | None = None) -> None:
    """Conflict `storage_low` when less than `floor` bytes are free on the disk of that folder; None: `default_floor`."""
    disk = shutil.disk_usage(folder)
    must_stay = default_floor(disk.total) if floor is None else floor
    if disk.free < must_stay:
        raise Conflict(
            "storage_low", f"{disk.free >> 20} MiB are free on the disk, {must_stay >> 20} MiB must stay free"
        )


def default_floor(total: int) -> int:
    """How many bytes must stay free on a disk of that size: a twentieth, at least 64 MiB, at most 1 GiB."""
    return min(max(total // 20, 64 << 20), 1 << 30)
