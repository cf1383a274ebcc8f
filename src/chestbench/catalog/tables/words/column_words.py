"""What columns of tables are called, in the languages that tables of chest pictures are published in.

Names are compared without case, blanks, punctuation and accents. The words were collected from headers of public sets
and from the forms of hospitals' systems; other headers are still offered by their cells where these tell.
"""

import re
import unicodedata

_ID_WORDS = (
    # English and what several languages share
    *("id", "ids", "uid", "pid", "no", "nr", "num", "number", "code", "key", "index", "idx", "identifier", "name"),
    *("hash", "serial", "numero", "num", "codigo", "cod", "kod", "n", "the"),
    # German, Dutch, Scandinavian, French, Spanish, Portuguese, Italian, with the small words between
    *("nummer", "kennung", "kennzeichen", "kennziffer", "schluessel", "schlussel", "kuerzel", "kurzel", "nombre"),
    *("identifiant", "identificador", "identificacion", "identificacao", "identificativo", "codice", "nom", "nome"),
    *("de", "del", "du", "da", "do", "der", "des", "di", "dela", "la", "le", "el", "l", "d", "o"),
    # Russian, Turkish, Polish
    *("номер", "код", "ид", "айди", "идентификатор", "имя", "numarasi", "numara", "kodu", "adi", "kimlik", "numer"),
    # Korean, Chinese, Japanese
    *("번호", "아이디", "코드", "식별자", "식별번호", "고유번호", "등록번호", "고유", "일련번호", "명", "이름", "의"),
    *(
        "编号",
        "編號",
        "号",
        "號",
        "号码",
        "號碼",
        "序号",
        "序號",
        "标识",
        "标识符",
        "編碼",
        "编码",
        "代码",
        "姓名",
        "的",
        "唯一",
    ),
    *("番号", "コード", "識別子", "識別番号", "氏名", "名", "の"),
)
_PEOPLE = (
    *("pat", "pats", "patient", "patients", "subject", "subjects", "subj", "person", "persons", "case", "participant"),
    *("participants", "individual", "pt", "donor", "volunteer"),
    *("patienten", "patientin", "patientinnen", "proband", "probanden", "versuchsperson", "person", "personen", "fall"),
    *("paciente", "pacientes", "sujeto", "sujetos", "caso", "casos", "doente", "utente", "sujeito", "prontuario"),
    *("malade", "sujet", "sujets", "cas", "paziente", "pazienti", "soggetto", "soggetti", "patiente"),
    *("пациент", "пациента", "пациентов", "больной", "больного", "испытуемый", "испытуемого", "субъект"),
    *("hasta", "hastanin", "hastalar", "denek", "olgu", "pacjent", "pacjenta", "pacient", "pacienta", "beteg"),
    *("patientnummer", "pasient", "potilas", "pasien", "benhnhan", "ασθενης", "ασθενη", "пацієнт", "пацієнта"),
    *("المريض", "مريض", "رقمالمريض", "מטופל", "रोगी", "ผู้ป่วย"),
    *("환자", "피험자", "대상자", "수검자", "증례"),
    *("患者", "病人", "病患", "受试者", "受試者", "病例", "個案", "被試", "被试", "症例", "被験者", "受診者"),
)
# Numbers of a person's file in a hospital, which need no word for the person.
_FILES = (
    *("pid", "ptid", "subjid", "mrn", "medicalrecordnumber", "medicalrecordno", "ipp", "nip", "nhc", "hn"),
    *("historiaclinica", "numerohistoriaclinica", "nhistoriaclinica", "numerodehistoriaclinica", "cartellaclinica"),
    *("номеристорииболезни", "историяболезни", "номеркарты", "номермедкарты", "dosyano", "protokolno", "tckimlikno"),
    *("등록번호", "병록번호", "차트번호", "病历号", "病歷號", "病案号", "住院号", "住院號", "就诊号", "门诊号"),
    *("カルテ番号", "診察券番号"),
)
_LABELS = (
    *(
        "label",
        "class",
        "finding",
        "diagnos",
        "target",
        "categor",
        "disease",
        "dx",
        "outcome",
        "pathology",
        "groundtruth",
    ),
    *("befund", "klasse", "krankheit", "erkrankung", "etiqueta", "clase", "hallazgo", "enfermedad", "diagnost"),
    *("rotulo", "achado", "doenca", "etiquette", "classe", "maladie", "resultat", "etichetta", "malattia", "reperto"),
    *("диагноз", "класс", "метка", "заболевание", "tani", "sinif", "etiket", "teshis", "hastalik", "rozpoznanie"),
    *("진단", "라벨", "레이블", "분류", "클래스", "소견", "질환", "병명", "판독"),
    *(
        "诊断",
        "診斷",
        "标签",
        "標籤",
        "类别",
        "類別",
        "分类",
        "病种",
        "标注",
        "診断",
        "ラベル",
        "分類",
        "クラス",
        "所見",
        "疾患",
        "病名",
    ),
)
# These name a class in many tables, and a kind, a state or a laboratory's result in others.
_PERHAPS_LABELS = (
    "type",
    "result",
    "status",
    "grade",
    "severity",
    "opinion",
    "reading",
    "rating",
    "annotation",
    "truth",
)
_FOLD = re.compile(
    r"(cv|k|kfold|cross(val(idation)?)?)?(folds?|falte|faltung|pliegue|pli|particao|partizione|фолд|катлама|폴드|折)"
    r"(id|no|nr|num|number|idx|index|[0-9]+|번호|号|数)?|cv|cv[0-9]*(split|fold|group|set|id)?|kfold[0-9]*|crossvalidation(fold|set)?"
)
_STRATA = {
    "sex": r"(patient|pat)?(s)?(sex|gender|geschlecht|sexo|sexe|genero|genre|sesso|genere|пол|cinsiyet|plec|성별)"
    r"|(患者)?(性别|性別)",
    "age": r"(patient|pat)?(s)?(age|alter|edad|idade|eta|возраст|yas|wiek|나이|연령|年龄|年齡|年齢)"
    r"(years|inyears|y|yrs|anos|ans|jahre)?",
    "view": r"(view|projection|ansicht|projektion|proyeccion|projecao|proiezione|проекция)(position|s)?"
    r"|촬영방향|投照体位|体位|apa?pa|frontallateral",
}
_STUDY = re.compile(
    r"(study|exam|examination|accession|estudio|estudo|studie|检查|検査|검사)(instance)?(id|uid|number|no|번호|号|番号)?"
)


def key_of(name: str) -> str:
    """Return the name of a column without case, blanks, punctuation and accents.

    Example:
        >>> key_of("Nº_Histórico"), key_of("환자 번호")
        ('nohistorico', '환자번호')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", plain)).replace("ı", "i")


def _any_of(words: tuple[str, ...]) -> str:
    return "|".join(sorted({re.escape(key_of(word)) for word in words}, key=lambda word: (-len(word), word)))


_PATIENT = re.compile(
    rf"(?:(?:anon\w*?|deid\w*?|pseudo\w*?|unique|new)|{_any_of(_ID_WORDS)}){{0,3}}"
    rf"(?:{_any_of(_PEOPLE)})(?:{_any_of(_ID_WORDS)}){{0,3}}|{_any_of(_FILES)}|empi\w*"
)
_LABEL = re.compile(rf"{_any_of(_LABELS)}|^(y|gt|cls|ytrue|target)$")
_PERHAPS = re.compile(_any_of(_PERHAPS_LABELS))
_STRATUM = {name: re.compile(pattern) for name, pattern in _STRATA.items()}


def is_patient_column(name: str) -> bool:
    """Tell whether a column is called as those with patients' ids are.

    Example:
        >>> [is_patient_column(name) for name in ("Patient ID", "환자번호", "ID del paciente", "paciente_edad")]
        [True, True, True, False]
    """
    return _PATIENT.fullmatch(key_of(name)) is not None


def is_label_column(name: str, is_sure: bool = False) -> bool:
    """Tell whether a column is called as those with classes are; surely: not by a word such as "type" or "status"."""
    key = key_of(name)
    return _LABEL.search(key) is not None or (not is_sure and _PERHAPS.search(key) is not None)


def is_fold_column(name: str) -> bool:
    """Tell whether a column is called as those are that number the folds of a cross-validation.

    Example:
        >>> [is_fold_column(name) for name in ("fold", "k-fold", "cv_split", "Fold ID", "folder", "manifold")]
        [True, True, True, True, False, False]
    """
    return _FOLD.fullmatch(key_of(name)) is not None


def is_study_column(name: str) -> bool:
    """Tell whether a column is called as those with ids of studies are."""
    return _STUDY.fullmatch(key_of(name)) is not None


def stratum_of(name: str) -> str:
    """Return "sex", "age" or "view" for a column that is called so, else ""."""
    key = key_of(name)
    return next((stratum for stratum, pattern in _STRATUM.items() if pattern.fullmatch(key)), "")
