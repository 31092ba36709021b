"""SPDX expressions are brought to one spelling, other text is refused."""

import pytest

from drumspace.io.spdx import canonical_spdx


@pytest.mark.parametrize("expression", ["MIT", "GPL-2.0-or-later", "MIT AND (CC0-1.0 OR CC-BY-4.0)", "LicenseRef-own"])
def test_an_expression_is_kept(expression: str) -> None:
    assert canonical_spdx(expression) == expression
    assert canonical_spdx(expression.lower().replace("licenseref", "LicenseRef")).lower() == expression.lower()


@pytest.mark.parametrize("text", ["GPL-2+", "GPL-2+, CC-BY-3.0, by kit", "free", "", "MIT and"])
def test_other_text_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(ValueError, match=r"SPDX expression, such as CC0-1\.0.* or null"):
        canonical_spdx(text)
