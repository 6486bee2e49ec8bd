"""WHO's platform as a partner: exports and uploads come in, an upload of ours goes out."""

from typing import Final

from adapters.ictrp.exporting import export
from adapters.ictrp.parse import parse
from adapters.partner import Partner, Source, Target
from events.identifiers.registries import WHO_ICTRP

PARTNER: Final = Partner(
    name="ictrp",
    registry=WHO_ICTRP,
    source=Source(
        parse=parse,
        media_type="application/xml",
        signs=(b"<Trials_downloaded_from_ICTRP", b"<trials", b"<root"),
    ),
    target=Target(write=export, file="ictrp.xml"),
)
