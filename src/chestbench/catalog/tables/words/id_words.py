"""How far a column's name speaks for it as the one that names the pictures, in the languages of `column_words`."""

import re

from chestbench.catalog.folders.words.kind_words import is_mask_name
from chestbench.catalog.folders.words.words import words_of
from chestbench.catalog.tables.words.column_words import (
    is_label_column,
    is_patient_column,
    is_study_column,
    key_of,
    stratum_of,
)

FILE, OPEN, PERSON, NEVER = 2, 1, 0, -1

# Anywhere in a name, as `key_of` writes it: files and pictures.
_FILES = re.compile(
    r"filename|filepath|image|picture|photo|foto|radiogra|dicom|path(?!ol)|pfad|datei|bild|fichier|imagen|archivo|ruta"
    r"|imagem|arquivo|caminho|immagine|percorso|afbeelding|bestand|billed|obraz|plik|zdjeci|изображ|фаил|снимок|путь"
    r"|goruntu|resim|dosyaadi|dosyayolu|이미지|영상|사진|파일|경로|图像|圖像|图片|圖片|影像|文件|路径|画像|ファイル|パス"
)
_FILE_WORDS = {
    "file",
    "files",
    "fichero",
    "fil",
    "filnavn",
    "img",
    "imgs",
    "im",
    "pic",
    "fname",
    "png",
    "jpg",
    "jpeg",
    "dcm",
    "cxr",
    "xray",
}
# Whole names: rows that are counted. pandas writes "Unnamed: 0" or nothing, R "X" or "...1".
_COUNTED = re.compile(
    r"(x|v)?\d*|unnamed\d*|level\d+|(row|line|record|running|serial|sequence|order|sequential)?(index|idx|no|nr|num|number)"
    r"|n|row(s|id|names?)?|rn|s(l|r)?no?|serial|order|count|counter|seq|sequence|rank|lfd|lfdnr|laufnr|laufendenummer"
    r"|zeile|numero|num|lp|nn|пп|нпп|номер|sira|sirano|번호|순번|연번|序号|序號|编号|編號|行号|番号|連番|通し番号"
)
# Anywhere in a name: times, sizes and measures.
_MEASURES = re.compile(
    r"year|jahr|annee|^ano$|^anno$|date(?!i)|datum|fecha|birth|geburt|^dob$|возраст|^год|дата|tarih|날짜|연도|年份|日期|年月"
    r"|width|height|size|score|count$|days|weight|offset|followup|length|pixels?$|spacing|confidence|probab|^prob$"
)
_NO_CLASS = re.compile(
    r"year$|jahr|birth|geburt|^dob$|date|fecha|datum|followup(no|nr|num|number)?$|spacing|^(image)?(width|height)"
    r"|^(rad(iologist)?|reader|annotator|rater|doctor|physician)(id|no|nr|name|code)$"
)


def trust_in(name: str) -> int:
    """Return how far a column's name speaks for it as the one that names the pictures.

    FILE: it says file, image or path. OPEN: it says nothing against it. PERSON: it says that it names people or
    studies. NEVER: it says that its cells count rows, or are ages, dates, measures, masks or classes, so that pictures
    that are called by numbers fit them by chance.

    Example:
        >>> [trust_in(name) for name in ("Image Index", "id", "case_no", "Unnamed: 0", "Alter")]
        [2, 1, 0, -1, -1]
    """
    key = key_of(name)
    if is_mask_name(name) or stratum_of(name) or _COUNTED.fullmatch(key) or _MEASURES.search(key):
        return NEVER
    if is_patient_column(name) or is_study_column(name):
        return PERSON
    if _FILES.search(key) or _FILE_WORDS & set(words_of(name)):
        return FILE
    return NEVER if is_label_column(name, is_sure=True) else OPEN


def is_no_class(name: str) -> bool:
    """Tell whether a column's name says a date, a measure, or who read the pictures: never a class.

    Example:
        >>> [is_no_class(name) for name in ("dob", "Follow-up #", "rad_id", "score", "Severity score", "reader 1")]
        [True, True, True, False, False, False]
    """
    return not is_label_column(name) and _NO_CLASS.search(key_of(name)) is not None
