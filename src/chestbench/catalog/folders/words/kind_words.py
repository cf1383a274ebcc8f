"""Words that say what kind of files lie in a folder, and words that say nothing; what is a mask's name by them."""

from chestbench.catalog.folders.words.split_vocabulary import split_word
from chestbench.catalog.folders.words.unnamed import is_unnamed
from chestbench.catalog.folders.words.words import word_set, words_of

# Words that say nothing: they may stand beside any other.
FILLERS = word_set(
    "set sets subset data dataset datasets database db collection archive archives folder folders dir directory file "
    "files part parts partition batch chunk fold folds split splits group the of and with for a an my new old final "
    "latest full complete whole all total main master public official private internal version v copy case cases "
    "sample samples example examples class classes category categories type kaggle github zip download downloads "
    "content input inputs root unzipped extracted cohort macosx выборка данные daten datensatz datos dados "
    "donnees veri "
    "데이터 数据 データ"
)
IMAGE_WORDS = word_set(
    "image images imgs img im pictures picture pics pic photos photo png pngs jpg jpgs jpeg jpegs bmp bmps tif tiff "
    "tiffs gif webp dicom dicoms dcm dcms jp2 raw scan scans slice slices frame frames radiograph radiographs "
    "radiography radiology xray xrays cxr cxrs ct cts hrct chest lung lungs thorax thoracic pulmonary "
    "medical clinical original originals processed preprocessed resized cropped enhanced normalized normalised "
    "segmented augmented augmentation augmentations aug gray grey grayscale greyscale rgb color colour converted film "
    "films imagenes bilder 이미지 사진 영상 图像 图片 画像"
)
# Any of these makes a name one of masks or annotations, whatever stands beside it.
MASK_WORDS = word_set(
    "mask masks seg segs segm segmentation segmentations segmentaion labelmap labelmaps annotation annotations annot "
    "annots groundtruth groundtruths gt gts contour contours outlines delineation delineations bbox bboxes heatmap "
    "heatmaps overlay overlays overlayed overlaid masked silhouette matte mascara mascaras masque masques maske "
    "masken 마스크 掩膜 マスク"
)
_MASK_ENDINGS = ("mask", "masks", "maske", "masken", "maski", "labelmap", "labelmaps")
# Masks only as a whole name, beside words that say nothing or name an organ.
PURE_MASK_WORDS = word_set("label labels roi rois boxes truth ground map maps region regions annotated bounding box")
ORGANS = word_set("lung lungs infection infections lesion lesions left right heart clavicle clavicles organ organs ct")
# Of these, the ones that say nothing but "pictures"; the others tell kinds apart, which may tell a class.
_PLAIN_IMAGE_WORDS = word_set(
    "image images imgs img im pictures picture pics pic photos photo scan scans slice slices frame frames medical "
    "clinical chest lung lungs thorax thoracic pulmonary films film imagenes bilder 이미지 사진 영상 图像 图片 画像"
)
# What is counted where pictures come from several places: "Set A", "group 2", "part_b".
_COUNTED = frozenset({"set", "subset", "part", "partition", "group", "batch"})
# In a name that holds findings: it is the name of a set of these.
SET_WORDS = word_set("set dataset datasets data database db collection archive challenge kaggle github vs versus")
TABLE_WORDS = word_set(
    "csv csvs xml xmls json txt metadata meta tables table docs doc document documents text texts code"
)


def is_mask_name(name: str) -> bool:
    """Tell whether a folder's name says masks or annotations: "lung masks", "LungMask", "labelsTr", "Ground Truth"."""
    words = [word for word in words_of(name) if not word.isdigit()]
    if any(word in MASK_WORDS or word.endswith(_MASK_ENDINGS) for word in words):
        return True
    telling = [word for word in words if word not in FILLERS and split_word(word, weak=True) is None]
    if telling == ["label"] and len(words_of(name)) == 2 and words_of(name)[-1].isdigit():
        return False  # "label_0", "label1": a class by its code
    return any(word in PURE_MASK_WORDS for word in telling) and all(
        word in PURE_MASK_WORDS or word in ORGANS or word in IMAGE_WORDS for word in telling
    )


def is_image_name(name: str) -> bool:
    """Tell whether a folder's name says nothing but that pictures lie in it: "images", "CXR_png", "Chest X-Ray 2"."""
    words = [word for word in words_of(name) if not word.isdigit() and word not in FILLERS]
    words = [word for word in words if split_word(word, weak=True) is None]
    return bool(words) and all(word in IMAGE_WORDS for word in words)


def count_in(name: str) -> str:
    """Return the number or letter of "Set A", "group 2" and "part_b", "" of other names."""
    found = words_of(name)
    is_counted = len(found) == 2 and found[0] in _COUNTED and (found[1].isdigit() or len(found[1]) == 1)
    return found[1] if is_counted else ""


def kind_key(name: str) -> str:
    """Return what tells a kind of files from others: "CT" of "CT scans 2", "a" of "Set A", "" of "images_001"."""
    if counted := count_in(name):
        return counted
    found = words_of(name)
    words = {word for word in found if not word.isdigit() and word not in FILLERS}
    return "" if is_unnamed(name) else " ".join(sorted(words - _PLAIN_IMAGE_WORDS))
