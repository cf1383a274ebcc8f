"""Folders that nobody named ("New folder (2)"), and copies ("COVID - Kopie"), in the words of their systems."""

import re

from chestbench.catalog.folders.words.words import words_of
from chestbench.core.names import without_marks

# What systems call a folder that nobody has named.
_UNNAMED = frozenset(
    without_marks(name).casefold()
    for name in (
        *("new folder", "untitled folder", "untitled", "folder", "unnamed", "unnamed folder", "neuer ordner", "ordner"),
        *("unbenannt", "unbenannter ordner", "nouveau dossier", "dossier sans titre", "nueva carpeta", "nova pasta"),
        *("carpeta sin título", "pasta sem título", "nuova cartella", "cartella senza titolo", "nieuwe map", "ny mapp"),
        *(
            "naamloze map",
            "nowy folder",
            "folder bez nazwy",
            "новая папка",
            "нова папка",
            "папка без названия",
            "папка",
        ),
        *("yeni klasör", "adsız klasör", "ny mappe", "uusi kansio", "nová složka", "új mappa", "folder nou"),
        *(
            "folder baru",
            "folder tanpa judul",
            "thư mục mới",
            "새 폴더",
            "새폴더",
            "무제 폴더",
            "新建文件夹",
            "新建资料夹",
        ),
        *(
            "未命名文件夹",
            "新增資料夾",
            "新資料夾",
            "未命名檔案夾",
            "新しいフォルダー",
            "新しいフォルダ",
            "新規フォルダ",
        ),
        *("名称未設定フォルダ", "مجلد جديد", "नया फ़ोल्डर"),
    )
)
_COPY = re.compile(
    r"^(copy of|kopie von|copie de|copia de|copia di|cópia de|kopia|kopie van|копия|kopya|salinan)[ _-]+"
    r"|[ _-]+(copy|kopie|copie|copia|cópia|kopia|копия|kopya|salinan|副本|복사본|コピー|のコピー)( ?\(?\d+\)?)?$"
    r"|( ?- )?(副本|복사본|のコピー)( ?\(?\d+\)?)?$",
    re.IGNORECASE,
)


def without_copy(name: str) -> str:
    """Return a name without what systems add to that of a copy: "Copy of COVID", "COVID - Kopie (2)"."""
    return _COPY.sub("", name)


def is_unnamed(name: str) -> bool:
    """Tell whether nobody named a folder: "New folder (2)", "Neuer Ordner", "Copy of untitled folder"."""
    words = " ".join(word for word in words_of(without_copy(name)) if not word.isdigit())
    return words in _UNNAMED
