"""tlog-scales (PyPI) reads our log over HTTP and from files, makes the very tlog-proofs that we make, and refuses forgeries."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from tlog_scales.backend import make_backend
from tlog_scales.cli import cmd_gen_proof
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tiles import leaf_hash
from tlog_scales.tlog import Checkpoint, ConsistencyProofInvalid, InclusionProofInvalid

from registry.keys import ED25519, ML_DSA_44, HeldKey
from registry.log import cosignature, note
from registry.log.merkle import consistency_proof, inclusion_proof
from registry.log.proof_text import TlogProof
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.grown_log import SIZES, GrownLog
from tests.mutations.log_files import TAMPERINGS, tampered

REFUSALS = (InvalidSignature, InclusionProofInvalid, ConsistencyProofInvalid, RuntimeError, ValueError, IndexError)


#: entries at the ends of what is tampered with: bundles 0, 7, 100 and the last one, tiles 0 and 3
READ = (0, 1022, 1792, 25_700, SIZES[-1] - 1)


def read(place: str | Path, log: GrownLog) -> None:
    """Read the log as a stranger with its key: entries and proofs under the signed root, the root anew, growth."""
    reader = TilesReader(make_backend(str(place)))
    head = reader.get_checkpoint()
    head.verify(Vkey.from_string(log.vkey))
    if head.origin != log.key.name or reader.calculate_root_hash() != head.root_hash:
        raise ValueError("the checkpoint is not of this log")
    for index in READ:
        entry = reader.get_entry(index)
        reader.get_inclusion_proof(index, head.size).check(leaf_hash(entry), head.root_hash)
    for text in log.checkpoints.values():
        old = Checkpoint.from_text(text)
        reader.get_consistency_proof(old.size, head.size).check(old.root_hash, head.root_hash)


def test_the_log_is_read_over_http_and_from_files(log: GrownLog, log_url: str, log_files: Path) -> None:
    read(log_url, log)
    read(log_files, log)


def test_the_proofs_are_ours(log: GrownLog, log_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    for index in READ:
        cmd_gen_proof(Namespace(location=log_url, leaf_index=index))
        ours = TlogProof(index, tuple(inclusion_proof(index, log.size, log.subtree())), log.current)
        assert capsys.readouterr().out == ours.print()
    reader = TilesReader(make_backend(log_url))
    reader.get_checkpoint()
    for old in log.checkpoints:
        theirs = reader.get_consistency_proof(old, log.size)
        assert theirs.node_hashes == consistency_proof(old, log.size, log.subtree())


def test_a_fork_is_refused(log: GrownLog, fork: GrownLog, log_files: Path) -> None:
    reader = TilesReader(make_backend(str(log_files)))
    head = reader.get_checkpoint()
    for size, text in fork.checkpoints.items():
        old = Checkpoint.from_text(text)
        old.verify(Vkey.from_string(log.vkey))
        proof = reader.get_consistency_proof(size, head.size)
        if size in log.checkpoints and log.checkpoints[size] == text:
            proof.check(old.root_hash, head.root_hash)
        else:
            with pytest.raises(ConsistencyProofInvalid):
                proof.check(old.root_hash, head.root_hash)


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_refused(log: GrownLog, log_files: Path, name: str, tmp_path: Path) -> None:
    with pytest.raises(REFUSALS):
        read(tampered(log_files, TAMPERINGS[name], tmp_path / "log"), log)


@pytest.mark.parametrize("kind", [ED25519, ML_DSA_44])
def test_our_cosignatures_are_accepted(log: GrownLog, kind: str) -> None:
    signer = HeldKey(kind, seeded(kind)(32)).signer()
    signed = note.parse(log.current)
    line = cosignature.make(signed.text, "witness.example/w", signer, 1_767_323_045)
    key = Vkey.from_string(cosignature.verifier_key("witness.example/w", signer.public).print())
    read_back = Checkpoint.from_text(note.Note(signed.text, (*signed.signatures, line)).print())
    read_back.verify(key)
    changes: list[Callable[[Checkpoint], Checkpoint]] = [
        lambda head: replace(head, size=head.size + 1),
        lambda head: replace(head, root_hash=bytes(32)),
        lambda head: replace(head, origin=head.origin + "x"),
    ]
    for change in changes:
        with pytest.raises(InvalidSignature):
            change(read_back).verify(key)
