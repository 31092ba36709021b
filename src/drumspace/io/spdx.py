"""SPDX licence expressions: canonical spelling and check of settings."""

from typing import Annotated

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from pydantic import AfterValidator


def canonical_spdx(expression: str) -> str:
    """Return an SPDX expression in its canonical spelling. Raises ValueError if it is none."""
    try:
        return canonicalize_license_expression(expression)
    except InvalidLicenseExpression:
        raise ValueError(
            "use an SPDX expression, such as CC0-1.0, GPL-2.0-or-later or MIT AND CC-BY-4.0"
            " (https://spdx.org/licenses), or null if the licence is not known"
        ) from None


Spdx = Annotated[str, AfterValidator(canonical_spdx)]
"""Setting that must be an SPDX expression."""
