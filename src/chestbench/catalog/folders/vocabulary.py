"""What people mean by the names of folders: the words of splits, of file kinds, of masks, of findings, of places.

A folder's name is cut into words (`words_of`), and `role_of` says what it most likely is. The lists hold what public
chest sets and people's own folders use, in several languages; a name that none of them knows is UNKNOWN, and the reader
decides by its place among the others.
"""

import re
import unicodedata
from enum import Enum
from functools import lru_cache
from string import ascii_lowercase

from chestbench.core.names import without_marks
from chestbench.core.negation import STATES


class Role(Enum):
    """What a folder's name says that the folder is."""

    SPLIT = "part of a split"
    MASK = "masks or annotations"
    KIND = "kind of file"
    FINDING = "finding"
    ID = "patient, study or number"
    CONTEXT = "place, device, view or sex"
    ASIDE = "put aside"
    UNKNOWN = "unknown"


TRAIN, VAL, TEST = range(3)


def _listed(text: str) -> frozenset[str]:
    return frozenset(without_marks(text).casefold().split())


SPLIT_WORDS = {
    **dict.fromkeys(_listed("train trains training trained trn learn learning fit fitting derivation discovery "
                            "trainval trainvalid traindev valtrain entrenamiento entrainement apprentissage "
                            "treino treinamento trainieren addestramento allenamento trening treningowy egitim latih "
                            "pelatihan обучение обучающая обучающий тренировка тренировочная تدريب التدريب "
                            "प्रशिक्षण 훈련 학습 訓練 训练 訓練集 训练集 学習"), TRAIN),
    **dict.fromkeys(_listed("val vals vali valid validation validations validate validating dev devel development "
                            "tune tuning validacion validacao validierung convalida validazione walidacja dogrulama "
                            "validasi валидация валидационная проверка تحقق التحقق सत्यापन 검증 验证 驗證 验证集 "
                            "検証"), VAL),
    **dict.fromkeys(_listed("test tests testing tst eval evaluation evaluate holdout heldout unseen prueba pruebas "
                            "teste prova uji pengujian testowy тест тестовая тестовый тестирование اختبار الاختبار "
                            "परीक्षण 테스트 시험 평가 测试 測試 测试集 テスト 評価"), TEST),
}  # fmt: skip
# Val where train is there beside it; else what the network is developed on: train.
DEVELOPMENT_WORDS = _listed("dev devel development")
# Taken for a part only where the set has other parts as well.
WEAK_SPLIT_WORDS = {"tr": TRAIN, "va": VAL, "vl": VAL, "te": TEST, "ts": TEST}
_GLUED = _listed("set sets data dataset image images img imgs folder dir split part cases samples files list daten "
                 "datensatz sdaten sdatensatz bilder 데이터 데이터셋 세트 셋 용 用 集 データ 数据 数据集")  # fmt: skip

# Words that say nothing: they may stand beside any other.
FILLERS = _listed(
    "set sets subset data dataset datasets database db collection archive archives folder folders dir directory file "
    "files part parts partition batch chunk fold folds split splits group the of and with for a an my new old final "
    "latest full complete whole all total main master public official private internal version v copy case cases "
    "sample samples example examples class classes category categories type kaggle github zip download downloads "
    "content input inputs root unzipped extracted cohort macosx выборка данные daten datensatz datos dados "
    "donnees veri "
    "데이터 数据 データ"
)
IMAGE_WORDS = _listed(
    "image images imgs img im pictures picture pics pic photos photo png pngs jpg jpgs jpeg jpegs bmp bmps tif tiff "
    "tiffs gif webp dicom dicoms dcm dcms jp2 raw scan scans slice slices frame frames radiograph radiographs "
    "radiography radiology xray xrays cxr cxrs ct cts hrct chest lung lungs thorax thoracic pulmonary "
    "medical clinical original originals processed preprocessed resized cropped enhanced normalized normalised "
    "segmented augmented augmentation augmentations aug gray grey grayscale greyscale rgb color colour converted film "
    "films imagenes bilder 이미지 사진 영상 图像 图片 画像"
)
# Any of these makes a name one of masks or annotations, whatever stands beside it.
MASK_WORDS = _listed(
    "mask masks seg segs segm segmentation segmentations segmentaion labelmap labelmaps annotation annotations annot "
    "annots groundtruth groundtruths gt gts contour contours outlines delineation delineations bbox bboxes heatmap "
    "heatmaps overlay overlays overlayed overlaid masked silhouette matte mascara mascaras masque masques maske "
    "masken 마스크 掩膜 マスク"
)
# Masks only as a whole name, beside words that say nothing or name an organ.
_PURE_MASK_WORDS = _listed("label labels roi rois boxes truth ground map maps region regions annotated bounding box")
ORGANS = _listed("lung lungs infection infections lesion lesions left right heart clavicle clavicles organ organs ct")
# Of these, the ones that say nothing but "pictures"; the others tell kinds apart, which may tell a class.
_PLAIN_IMAGE_WORDS = _listed(
    "image images imgs img im pictures picture pics pic photos photo scan scans slice slices frame frames medical "
    "clinical chest lung lungs thorax thoracic pulmonary films film imagenes bilder 이미지 사진 영상 图像 图片 画像"
)
# In a name that holds findings: it is the name of a set of these.
SET_WORDS = _listed("set dataset datasets data database db collection archive challenge kaggle github vs versus")
TABLE_WORDS = _listed(
    "csv csvs xml xmls json txt metadata meta tables table docs doc document documents text texts code"
)

FINDINGS = (
    _listed(
        "covid covid19 ncov cov2 cov corona coronavirus sars mers normal normals normales healthy health pneumonia "
        "pneumonias pneumonic pnemonia viral bacterial bacteria virus fungal fungus tb tbc tuberculosis tuberculous "
        "opacity opacities effusion atelectasis cardiomegaly consolidation edema oedema emphysema fibrosis hernia "
        "infiltration infiltrate infiltrates mass masses nodule nodules pleural pneumothorax thickening fracture cancer "
        "cancerous carcinoma adenocarcinoma squamous tumor tumour tumors tumours malignant malignancy malignancies benign "
        "bengin bening metastasis metastases lesion positive negative positives negatives pos neg infected uninfected "
        "infection noninfected disease diseased diseases sick ill sickness abnormal abnormals abnormality finding findings "
        "nofinding control controls ards ild copd cap influenza flu asthma bronchitis bronchiectasis bronchiolitis "
        "sarcoidosis embolism ggo glass honeycombing mycoplasma pneumocystis streptococcus klebsiella legionella "
        "silicosis pneumoconiosis cavity cavitation calcification granuloma typical atypical indeterminate noncovid "
        "covidneg covidpos nontb notb unaffected affected other others 정상 폐렴 결핵 확진 正常 肺炎 肺结核 阴性 "
        "阳性 健康 sano sanos sana neumonia neumonias enfermo enfermos gesund krank pneumonie sain sains malade saudavel "
        "tuberculose poumon sain sani malato malati hasta saglikli normale норма здоровые больные больной здоровый "
        "пневмония "
        "туберкулез سليم مريض طبيعي सामान्य निमोनिया स्वस्थ zatürre zdrowy chory sehat sakit "
        "enferma enfermas neumonías pneumonias polmonite polmoniti tubercolosi doente doentes malata malate malades chora "
        "chorzy zapalenie gruźlica krankheit lungenentzündung tuberkulose tuberkuloz pnömoni verem hastalar больная больны "
        "туберкулёз ковид sjuk syk syg ziek zieke 이상 감염 코로나 异常 異常 感染 新冠 患病 病人 結核 肺結核 疾患 肺がん 肺癌"
    )
    | STATES
)
# Degrees of a finding: findings where no other finding is named.
DEGREES = _listed("mild moderate severe severity critical early late acute chronic advanced progressive")
_HEALTHY_WORDS = STATES | {"people"}
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
NEGATIONS = _listed("no non not without un")
_ORDINALS = _listed("grade stage type class level score category label degree gold rads corads birads lungrads")

PATIENT_WORDS = _listed("patient patients pat pats patientid subject subjects subj person persons pid "
                        "paciente pacientes paziente pazienti pacjent пациент hasta 환자 患者 病人")  # fmt: skip
_ID_WORDS = PATIENT_WORDS | _listed(
    "p pt s st se ses e sub sr ser series study studies case id ids visit exam exams examination session "
    "acquisition acc accession "
    "view views day week month year date time stack vol volume run im img image scan slice no nr num number uid person"
)
_SCAN_WORDS = _listed("ct cts hrct scan scans slice slices chest lung")
_PLACES = _listed(
    "hospital hospitals hosp site sites center centers centre centres clinic clinics institution institutions "
    "institute university univ source sources vendor vendors scanner scanners device devices machine machines country "
    "countries city region origin provider domain cohort cohorts center1 campus ward department dept lab laboratory "
    "siemens ge philips toshiba canon fuji fujifilm hitachi agfa carestream kodak samsung"
)
_VIEWS = _listed("pa ap lat lateral frontal supine erect upright axial coronal sagittal view views projection position "
                 "orientation ll rl portable left right upper lower anterior posterior")  # fmt: skip
_PEOPLE = _listed("male female males females man men woman women boy girl m f sex gender age ages adult adults "
                  "pediatric paediatric child children infant infants elderly years year")  # fmt: skip
_CONTEXT = _PLACES | _VIEWS | _PEOPLE
# Where pictures are from, where nothing else is said; and what is counted where sets are joined: "dataset 2".
_ORIGINS = _listed("kaggle github mendeley zenodo figshare radiopaedia public private internal external own")
_SETS = _listed("dataset datasets database db cohort collection")
# These say themselves that their pictures have no class.
UNLABELLED_WORDS = _listed("unlabeled unlabelled unlabel unclassified uncategorized")
ASIDE_WORDS = _listed(
    "unlabeled unlabelled unlabel unknown unclassified uncategorized figures figure plots plot charts thumbnails "
    "thumbnail thumbs previews preview screenshots screenshot logos logo icons icon results result outputs output "
    "predictions prediction corrupted corrupt damaged broken bad rejected reject excluded exclude discarded discard "
    "logs log weights checkpoint notebooks notebook scripts script utils tools readme assets "
    "duplicates duplicate trash recycle junk garbage deleted delete unsorted unassigned checkpoints ipynb sonstiges "
    "temp tmp backup misc miscellaneous extra extras unused todo demo samples_preview"
)

_KNOWN = (
    FILLERS | IMAGE_WORDS | MASK_WORDS | _PURE_MASK_WORDS | TABLE_WORDS | DEGREES | _CONTEXT | _ID_WORDS | ASIDE_WORDS
)
# From so many letters on, a word with one letter more, less or other is still known.
_LONG = 7

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")
_X_RAY = re.compile(r"(?<![^\W\d_])x[ _-]?ray(s?)(?![^\W\d_])", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)
_DATE = re.compile(r"(199\d|20[0-3]\d)((0[1-9]|1[0-2])([0-2]\d|3[01])?)?")
_UID = re.compile(r"\d+(\.\d+){3,}")


@lru_cache(maxsize=200_000)
def words_of(name: str) -> tuple[str, ...]:
    """Cut a name into words: at whatever is no letter or digit, between letters and digits, and at capitals.

    Example:
        >>> words_of("trainCT_NonCOVID-19"), words_of("Lung_Opacity 2")
        (('train', 'ct', 'non', 'covid', '19'), ('lung', 'opacity', '2'))
    """
    plain = _X_RAY.sub(r"Xray\1", unicodedata.normalize("NFKC", name))
    if plain.isascii():
        return tuple(word.lower() for word in _WORD.findall(plain))
    # Accents would cut words; letters of other scripts have no case to cut at.
    return tuple(word.casefold() for word in _WORD.findall(without_marks(plain)))


@lru_cache(maxsize=200_000)
def split_word(word: str, weak: bool = False) -> int | None:
    """Return the part (TRAIN, VAL, TEST) that a word names, glued or not ("testset", "train_data"), else None.

    Args:
        word: in lower case.
        weak: take short words (tr, ts) and misspelt ones ("trian", "vaildation") as well.
    """
    found = SPLIT_WORDS.get(_unglued(word))
    if found is None and weak:
        found = WEAK_SPLIT_WORDS.get(word)
    if found is None and weak:
        found = next((SPLIT_WORDS[near] for near in _respelt(word, 4) if near in SPLIT_WORDS), None)
    return found


def _unglued(word: str) -> str:
    """Return the word of a split that a word begins with ("trainset"), else the word."""
    if word in SPLIT_WORDS or word.isdigit():
        return word
    starts = (word.removesuffix(ending) for ending in _GLUED if word.endswith(ending))
    return next((start for start in starts if start in SPLIT_WORDS), word)


def is_development_word(word: str) -> bool:
    """Tell "dev", "devset" and the like: val beside train, else train."""
    return _unglued(word) in DEVELOPMENT_WORDS


def _respelt(word: str, shortest: int) -> list[str]:
    """Return what a word may have been meant for: two neighbours changed; in long words a letter more, less or other.

    Short words are too near to each other for that: "brain" is no "train".
    """
    if not shortest <= len(word) <= 20 or not (word.isascii() and word.isalpha()):
        return []
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = [a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1]
    if len(word) >= _LONG:
        found += [a + b[1:] for a, b in cuts if b]
        found += [a + c + b for a, b in cuts for c in ascii_lowercase]
        found += [a + c + b[1:] for a, b in cuts if b for c in ascii_lowercase]
    return found


@lru_cache(maxsize=200_000)
def is_finding_word(word: str) -> bool:
    """Tell whether a word names a finding or its absence, also glued ("noncovid") or misspelt ("pnuemonia")."""
    if word in FINDINGS or (word not in _KNOWN and any(near in FINDINGS for near in _respelt(word, 6))):
        return True
    for start in ("non", "no", "un"):
        if word.startswith(start) and word[len(start) :] in FINDINGS:
            return True
    return any(word.startswith(first) and word[len(first) :] in FINDINGS for first in ("covid", "tb", "lung"))


def is_mask_name(name: str) -> bool:
    """Tell whether a folder's name says masks or annotations: "lung masks", "LungMask", "labelsTr", "Ground Truth"."""
    words = [word for word in words_of(name) if not word.isdigit()]
    if any(word in MASK_WORDS or word.endswith(("mask", "masks", "labelmap")) for word in words):
        return True
    telling = [word for word in words if word not in FILLERS and split_word(word, weak=True) is None]
    return any(word in _PURE_MASK_WORDS for word in telling) and all(
        word in _PURE_MASK_WORDS or word in ORGANS or word in IMAGE_WORDS for word in telling
    )


def without_copy(name: str) -> str:
    """Return a name without what systems add to that of a copy: "Copy of COVID", "COVID - Kopie (2)"."""
    return _COPY.sub("", name)


def is_unnamed(name: str) -> bool:
    """Tell whether nobody named a folder: "New folder (2)", "Neuer Ordner", "Copy of untitled folder"."""
    words = " ".join(word for word in words_of(without_copy(name)) if not word.isdigit())
    return words in _UNNAMED


def is_image_name(name: str) -> bool:
    """Tell whether a folder's name says nothing but that pictures lie in it: "images", "CXR_png", "Chest X-Ray 2"."""
    words = [word for word in words_of(name) if not word.isdigit() and word not in FILLERS]
    words = [word for word in words if split_word(word, weak=True) is None]
    return bool(words) and all(word in IMAGE_WORDS for word in words)


def kind_key(name: str) -> str:
    """Return what tells a kind of files from others: "CT" of "CT scans 2", "" of "images_001"."""
    words = {word for word in words_of(name) if not word.isdigit() and word not in FILLERS}
    return "" if is_unnamed(name) else " ".join(sorted(words - _PLAIN_IMAGE_WORDS))


def same_words(name: str) -> list[str]:
    """Return the sorted words of a name in one spelling: without fillers and plurals, "COVID-19" as "covid"."""
    words = list(words_of(name))
    plain: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        if (before, word) in (("covid", "19"), ("cov", "2"), ("ncov", "2")):
            continue
        if word.startswith("non") and word[3:] in FINDINGS:
            plain.append("non")
            word = word[3:]
        word = "covid" if word == "covid19" else word
        plain.append(word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "is")) else word)
    return sorted(word for word in plain if word not in FILLERS) or sorted(words)


def is_date(name: str) -> bool:
    """Tell "2020", "2020-03" and "20200301", of years from 1990 to 2039, from other numbers."""
    words = words_of(name)
    return all(word.isdigit() for word in words) and bool(_DATE.fullmatch("".join(words)))


def has_patient_word(name: str) -> bool:
    """Tell whether a name is a patient's or subject's number: "patient_12", "137covid_patient1"."""
    words = words_of(name)
    return any(word in PATIENT_WORDS for word in words) and any(word.isdigit() for word in words)


def is_surely_id(name: str) -> bool:
    """Tell a patient's number, a UID or a hash from any other number."""
    return bool(
        has_patient_word(name) or _UID.fullmatch(name) or (_HEX.fullmatch(name) and any(map(str.isdigit, name)))
    )


def is_healthy(name: str) -> bool:
    """Tell whether a name says nothing but healthy: "Normal cases", "No finding", "control"."""
    words = set(same_words(name)) - IMAGE_WORDS
    return bool(words) and (words <= _HEALTHY_WORDS or words == {"no", "finding"})


def is_ordinal(name: str) -> bool:
    """Tell whether a name counts degrees or classes ("grade 2"), so that its number is no running number."""
    return any(word in _ORDINALS or word in DEGREES for word in words_of(name))


@lru_cache(maxsize=200_000)
def role_of(name: str) -> Role:
    """Return what a folder's name says that it is, but for words of a split (see split_words.py)."""
    words = words_of(name)
    letters = [word for word in words if not word.isdigit()]
    if is_mask_name(name):
        return Role.MASK
    if is_unnamed(name):
        return Role.KIND
    if is_surely_id(name):
        return Role.ID
    if any(is_finding_word(word) for word in letters) or any(word in DEGREES for word in letters):
        return Role.FINDING
    telling = [word for word in letters if word not in FILLERS]
    if _is_class_code(words):
        return Role.UNKNOWN
    if is_scan_number(words):
        return Role.ID
    if _is_origin(words):
        return Role.CONTEXT
    if letters and all(word in IMAGE_WORDS or word in TABLE_WORDS for word in telling):
        return Role.KIND
    if any(word in ASIDE_WORDS for word in telling):
        return Role.ASIDE
    if len(letters) < len(words) and all(word in _ID_WORDS for word in telling):
        return Role.ID
    if any(word in _PLACES for word in telling):
        return Role.CONTEXT
    if any(word in _CONTEXT for word in telling) and all(
        word in _CONTEXT or word in IMAGE_WORDS or word in ORGANS for word in telling
    ):
        return Role.CONTEXT
    return Role.UNKNOWN


def _is_origin(words: tuple[str, ...]) -> bool:
    """Tell "Kaggle", "private data" and "dataset 2" from "archive (2)" and "data"."""
    letters = [word for word in words if not word.isdigit() and word not in ("v", "version")]
    if any(word in _ORIGINS for word in letters):
        return all(word in _ORIGINS or word in FILLERS for word in letters)
    is_numbered = len(words) == 2 and (words[1].isdigit() or len(words[1]) == 1)
    return is_numbered and words[0] in _SETS


def _is_class_code(words: tuple[str, ...]) -> bool:
    """Tell "class_0", "Type B" and "A", which may be anything, from "part 2": what counts classes."""
    is_letter = len(words) == 1 and len(words[0]) == 1 and not words[0].isdigit()
    return is_letter or (any(len(w) == 1 or w.isdigit() for w in words) and any(word in _ORDINALS for word in words))


def is_scan_number(words: tuple[str, ...]) -> bool:
    """Tell "ct_scan_12" and "CT-3", one person's scan, from "images_001", a part of a set."""
    letters = [word for word in words if not word.isdigit()]
    return len(letters) < len(words) and bool(letters) and all(word in _SCAN_WORDS for word in letters)
