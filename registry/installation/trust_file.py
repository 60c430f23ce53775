"""The trust file in the data directory is read and rewritten here.

It is read where a lost store begins anew, and rewritten when keys or policy change.
"""

from registry.credential.identity import Identity
from registry.edge.disk import write_file
from registry.encoding.jcs import jcs
from registry.errors import Malformed, Refused
from registry.installation.settings import Settings
from registry.reading.reader import Reader
from registry.records.seals import Seals
from registry.verify import trust
from registry.verify.trust import Trust


def read_trust_file(settings: Settings, identity: Identity) -> Trust | None:
    """None where there is no such file. Refused `trust`: it cannot be used; `identity_disagrees`: it is of another ledger."""
    file = settings.trust_file
    try:
        trusted = trust.parse(file.read_bytes()) if file.exists() else None
    except Malformed as error:
        raise Refused("trust", f"{file} cannot be used: {error}") from None
    if trusted is not None and trusted.origin != identity.origin:
        raise Refused("identity_disagrees", f"{file} is of the ledger {trusted.origin}")
    return trusted


def refresh_trust_file(settings: Settings, reader: Reader, seals: Seals) -> bytes:
    """Rewrite it where it is not what the store gives, which bears its seals; its bytes. LedgerDamaged `record_untrue`."""
    data = jcs(reader.trust(seals.check if settings.sealed.exists() else None)) + b"\n"
    if not settings.trust_file.exists() or settings.trust_file.read_bytes() != data:
        write_file(settings.trust_file, data)
    return data
