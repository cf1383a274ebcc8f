"""Columns of 0 and 1: which of them are classes of one kind, and what their rows say together."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.words import word_set, words_of
from chestbench.catalog.tables.columns.id_column import Column
from chestbench.catalog.tables.reading.table_text import header_of, plain_number
from chestbench.catalog.tables.words.column_words import is_label_column
from chestbench.datasets.text_bounds import lines_of

TRUE = {
    "true",
    "yes",
    "y",
    "t",
    "1",
    *("ja", "oui", "si", "sí", "sì", "sim", "tak", "да", "evet", "ya", "是", "有", "예", "はい"),
}
FALSE = {
    "false",
    "no",
    "n",
    "f",
    "0",
    *("nein", "non", "nao", "não", "nie", "нет", "hayır", "否", "无", "아니오", "いいえ"),
}
# Rows with several of them, up to such a share, do not make several labels a picture: a run leaves them out.
_FEW = 0.02
# What a column of 0 and 1 says of a person, a stay, a picture or a file rather than of a finding.
_FLAGS = word_set(
    "smoker smokers smoking smoke smoked tobacco male female sex gender diabetes diabetic hypertension obesity obese "
    "bmi alcohol pregnant pregnancy vaccinated vaccine icu ventilated ventilation intubated intubation oxygen admitted "
    "admission hospitalized hospitalised hospitalization died dead death deceased alive survived survival mortality "
    "fever cough coughing dyspnea dyspnoea headache fatigue symptom symptoms symptomatic asymptomatic comorbidity "
    "contrast portable bedside ap pa frontal lateral supine erect ct xray cxr train training val validation test split "
    "fold used use usable valid quality good bad duplicate checked reviewed verified followup baseline public "
    "raucher männlich weiblich fumador fumeur 흡연 흡연자 남성 여성 吸烟 男性 女性"
)


@dataclass(frozen=True)
class HotRows:
    """What the rows of columns of 0 and 1 say.

    Attributes:
        columns: names, in the order of the bits.
        masks: bits of the columns that are 1 -> rows; rows where all are blank are in none.
    """

    columns: tuple[str, ...]
    masks: Counter[int]

    def by_ones(self, names: Iterable[str]) -> tuple[int, int, int]:
        """Return how many rows have none of these columns at 1, one, and several."""
        wanted = sum(1 << self.columns.index(name) for name in names)
        ones = Counter[int]()
        for mask, count in self.masks.items():
            ones[min(2, (mask & wanted).bit_count())] += count
        return ones[0], ones[1], ones[2]


def truth_of(cell: str) -> str:
    """Return "1", "0" or "-1" for a cell of a column of truths ("yes", "F", "1.0"), "" for others."""
    cell = cell.casefold()
    return "1" if cell in TRUE else "0" if cell in FALSE else "-1" if cell == "-1" else ""


def hot_columns(columns: Iterable[Column]) -> list[Column]:
    """Return the columns of 0 and 1 (and -1), or of yes and no, where there are two or more."""
    found = []
    for column in columns:
        truths = {truth_of(cell) for cell in column.cells}
        if "1" in truths and "" not in truths:
            found.append(column)
    return found if len(found) > 1 else []


def read_hot_rows(texts: Iterable[str], columns: Sequence[Column], most: int) -> HotRows:
    """Return what the first rows of tables of one header say.

    Args:
        texts: of the tables.
        columns: of 0 and 1.
        most: rows of each table that are read.
    """
    names = tuple(column.name for column in columns)
    masks = Counter[int]()
    for text in texts if names else ():
        delimiter, header = header_of(text, [])
        places = [header.index(name) for name in names]
        rows = (cells for cells in csv.reader(lines_of(text), delimiter=delimiter) if any(map(str.strip, cells)))
        for cells in islice(rows, 1, most):
            row = [plain_number(cells[place].strip()) if place < len(cells) else "" for place in places]
            if any(row):
                masks[sum((truth_of(cell) == "1") << bit for bit, cell in enumerate(row))] += 1
    return HotRows(names, masks)


def of_one_kind(columns: Sequence[Column], rows: HotRows) -> list[Column]:
    """Return which columns of 0 and 1 are classes of one question; none, or one alone, where they are not.

    All are where each row has one of them. Else columns of what people are, do or have besides ("smoker", "fever") and
    those that are called like a whole label ("target") are none; where some name findings and few others do not, all
    that remain are, as in CheXpert; a single finding among others is a question of its own.
    """
    columns = [column for column in columns if not is_whole_label(column.name)]
    names = [column.name for column in columns]
    if len(columns) > 1 and rows.by_ones(names)[::2] == (0, 0) and not all(map(is_flag, names)):
        return list(columns)
    told = [column for column in columns if not is_flag(column.name)]
    findings = [column for column in told if role_of(column.name) is Role.FINDING]
    if len(findings) == 1 or (findings and 2 * len(findings) < len(told)):
        return findings
    return told


def is_whole_label(name: str) -> bool:
    """Tell whether a column is called like one that holds the class ("target"), not like a class ("No Finding")."""
    return role_of(name) is not Role.FINDING and is_label_column(name, is_sure=True)


def is_flag(name: str) -> bool:
    """Tell whether a column says something of a person, a stay or a picture that is no finding."""
    return role_of(name) is not Role.FINDING and bool(_FLAGS.intersection(words_of(name)))


def are_exclusive(rows: HotRows, names: Sequence[str], may_have_none: bool) -> bool:
    """Tell whether hardly any row has several of some columns at 1, or, where it must have one, none."""
    none, one, several = rows.by_ones(names)
    return several + (0 if may_have_none else none) <= _FEW * (none + one + several)
