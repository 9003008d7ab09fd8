"""Codons and the letters of amino acids.

Source: NCBI genetic codes 1 (standard) and 2 (vertebrate mitochondrial); IUPAC one- and three-letter codes.
"""

# By one-letter code; U is selenocysteine, * a stop, X unknown.
THREE_LETTERS = {
    "A": "Ala", "R": "Arg", "N": "Asn", "D": "Asp", "C": "Cys", "Q": "Gln", "E": "Glu", "G": "Gly",
    "H": "His", "I": "Ile", "L": "Leu", "K": "Lys", "M": "Met", "F": "Phe", "P": "Pro", "S": "Ser",
    "T": "Thr", "W": "Trp", "Y": "Tyr", "V": "Val", "U": "Sec", "*": "Ter", "X": "Xaa",
}  # fmt: skip

_ORDER = "TCAG"
_AMINO_ACIDS = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
STANDARD = {
    first + second + third: _AMINO_ACIDS[16 * i + 4 * j + k]
    for i, first in enumerate(_ORDER)
    for j, second in enumerate(_ORDER)
    for k, third in enumerate(_ORDER)
}
MITOCHONDRIAL = STANDARD | {"AGA": "*", "AGG": "*", "ATA": "M", "TGA": "W"}
