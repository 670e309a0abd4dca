"""Where each economy stands in the tile grid: neighbours beside neighbours, no borders drawn.

Rows run from north to south, columns from west to east; the Black Sea and the Caspian are gaps. A tile has no area and
no outline of a territory, and its place says nothing about a claim to one.
"""

_ROWS = (
    "NOR SWE FIN EST  .   .   .   .   .   . ",
    "GBR NLD LTU LVA  .   .   .   .   .   . ",
    "FRA DEU POL BLR RUS  .   .   .   .   . ",
    "CHE CZE HUN UKR  .   .  KAZ  .  MNG  . ",
    "ITA AUT ROU MDA GEO  .  UZB KGZ CHN KOR",
    "ESP SRB BGR TUR ARM AZE TKM TJK  .  JPN",
    " .  EUN GRC ISR IRQ IRN AFG PAK IND VNM",
    " .   .  EGY  .  SAU ARE  .   .   .   . ",
)
GRID: dict[str, tuple[int, int]] = {
    state: (column, row) for row, line in enumerate(_ROWS) for column, state in enumerate(line.split()) if state != "."
}
"""Column and row of an economy, by ISO 3166 alpha-3 code."""
