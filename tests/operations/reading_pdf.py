"""What a PDF says, page by page, as a reader of PDFs finds it."""

import io
import unicodedata

from pypdf import PdfReader


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, in composed letters."""
    return [unicodedata.normalize("NFC", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]
