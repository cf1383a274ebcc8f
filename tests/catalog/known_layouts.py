"""Trees of folders as public chest sets and people's own have them, with what a person would read in each.

A tree is written as paths between " | ": braces hold choices ("{train,test}") or numbers ("{1..5}"), "@9" at the end
says how many pictures lie in each folder (4 without), "*" in the last part makes it a file's name with a number.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A layout and what is right.

    Attributes:
        tree: the folders.
        classes: names between ", "; "" where the run must stop.
        split: whether the tree brings a split.
        sources, patients, masks: the sources' names between ", ", the number of patients, of masks.
        stops: what the error must show, between " | ": the classes of each reading, or other words.
    """

    tree: str
    classes: str = ""
    split: bool = False
    sources: str = ""
    patients: int = 0
    masks: int = 0
    stops: str = ""


def members_of(tree: str) -> list[str]:
    """Return the files of a tree, sorted."""
    members = []
    for path in tree.split(" | "):
        path, _, count = path.partition(" @")
        for folder in expanded(path):
            name = folder if "*" in folder.rpartition("/")[2] else f"{folder}/*.png".lstrip("/")
            members += [name.replace("*", f"{number:03}") for number in range(1, int(count or 4) + 1)]
    return sorted(members)


def expanded(path: str) -> list[str]:
    """Return the paths that braces stand for."""
    start = path.find("{")
    if start < 0:
        return [path]
    choices, depth = [""], 0
    for end in range(start, len(path)):
        depth += (path[end] == "{") - (path[end] == "}")
        if depth == 0:
            break
        if path[end] == "," and depth == 1:
            choices.append("")
        elif end > start:
            choices[-1] += path[end]
    return [
        path[:start] + name + rest
        for choice in choices
        for numbered in _range(choice)
        for name in expanded(numbered)
        for rest in expanded(path[end + 1 :])
    ]


def _range(text: str) -> list[str]:
    found = re.fullmatch(r"(\d+)\.\.(\d+)", text)
    if not found:
        return [text]
    first, last = found.groups()
    return [str(number).zfill(len(first)) for number in range(int(first), int(last) + 1)]


S3 = "{train,val,test}"
PUBLIC = {
    "chest-xray-pneumonia": Known(f"chest_xray/{S3}/{{NORMAL,PNEUMONIA}}", "NORMAL, PNEUMONIA", True),
    "chest-xray-pneumonia twice": Known(
        f"chest_xray/{S3}/{{NORMAL,PNEUMONIA}} | chest_xray/chest_xray/{S3}/{{NORMAL,PNEUMONIA}}",
        "NORMAL, PNEUMONIA", True),
    "chest-xray-pneumonia thrice": Known(
        f"chest_xray/{S3}/{{NORMAL,PNEUMONIA}} | chest_xray/chest_xray/{S3}/{{NORMAL,PNEUMONIA}} | "
        f"chest_xray/__MACOSX/chest_xray/{S3}/{{NORMAL,PNEUMONIA}}", "NORMAL, PNEUMONIA", True),
    "ZhangLabData": Known(
        "ZhangLabData/CellData/chest_xray/{train,test}/{NORMAL,PNEUMONIA}", "NORMAL, PNEUMONIA", True),
    "COVID-QU-Ex": Known(
        "COVID-QU-Ex/Infection Segmentation Data/Infection Segmentation Data/{Train,Val,Test}/"
        "{COVID-19,Non-COVID,Normal}/{images,lung masks,infection masks} @2 | "
        "COVID-QU-Ex/Lung Segmentation Data/Lung Segmentation Data/{Train,Val,Test}/"
        "{COVID-19,Non-COVID,Normal}/{images,lung masks} @2", "COVID-19, Non-COVID, Normal", True, masks=54),
    "Radiography": Known(
        "COVID-19_Radiography_Dataset/{COVID,Lung_Opacity,Normal,Viral Pneumonia}/{images,masks}",
        "COVID, Lung_Opacity, Normal, Viral Pneumonia", masks=16),
    "Radiography 2020": Known(
        "COVID-19 Radiography Database/{COVID-19,NORMAL,Viral Pneumonia}", "COVID-19, NORMAL, Viral Pneumonia"),
    "covid-chestxray-dataset": Known(
        "covid-chestxray-dataset/{images,volumes} @9", stops="expected a folder per class"),
    "NIH": Known("images_{001..012}/images", stops="expected a folder per class"),
    "CheXpert": Known(
        "CheXpert-v1.0-small/{train,valid}/patient{00001..00006}/study{1..2} @1", stops="expected a folder per class"),
    "MIMIC": Known(
        "files/p{10..12}/p{10000032..10000034}/s{50414267..50414269} @1", stops="expected a folder per class"),
    "RSNA": Known("stage_2_{train,test}_images @9", stops="expected a folder per class"),
    "VinBigData": Known("vinbigdata/{train,test} @9", stops="expected a folder per class"),
    "Shenzhen": Known("ChinaSet_AllFiles/CXR_png @9", stops="expected a folder per class"),
    "Montgomery": Known(
        "MontgomerySet/{CXR_png,ManualMask/leftMask,ManualMask/rightMask} @9", stops="expected a folder per class"),
    "TBX11K": Known(
        "TBX11K/imgs/{health,sick,tb,extra/da,extra/da+db} @6 | TBX11K/imgs/test @6", stops="outside the folders"),
    "TBX11K simplified": Known("tbx11k-simplified/images @9", stops="expected a folder per class"),
    "TB database": Known("TB_Chest_Radiography_Database/{Normal,Tuberculosis}", "Normal, Tuberculosis"),
    "COVID-CT": Known("COVID-CT/Images-processed/{CT_COVID,CT_NonCOVID}", "CT_COVID, CT_NonCOVID"),
    "SARS-CoV-2 CT": Known("SARS-COV-2-Ct-Scan-Dataset/{COVID,non-COVID}", "COVID, non-COVID"),
    "SARS-CoV-2 CT of patients": Known(
        "{COVID,Healthy,Others}/Patient ({1..4})", "COVID, Healthy, Others", patients=12),
    "COVID-CTset by patient": Known(
        "COVID-CTset/{covid,normal}/{137covid_,12normal_}patient{1..4}/SR_{2..3}", "covid, normal", patients=16),
    "COVID-CTset parts": Known("{covid1,covid2,covid3,normal1,normal2}", stops='"covid1": covid'),
    "IQ-OTH": Known(
        "The IQ-OTHNCCD lung cancer dataset/The IQ-OTHNCCD lung cancer dataset/"
        "{Bengin cases,Malignant cases,Normal cases,Test cases}", "Bengin cases, Malignant cases, Normal cases"),
    "chest-ctscan-images": Known(
        "Data/{train,valid}/{adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib,large.cell.carcinoma_left.hilum_T2_N2_M0_IIIa,"
        "normal,squamous.cell.carcinoma_left.hilum_T1_N2_M0_IIIa} | Data/test/{adenocarcinoma,large.cell.carcinoma,"
        "normal,squamous.cell.carcinoma}", stops="every class in the train part"),
    "LIDC": Known(
        "LIDC-IDRI/LIDC-IDRI-{0001..0006}/1.3.6.1.4.1.14519.5.2.1.6279.6001.{175..176}/"
        "1.3.6.1.4.1.14519.5.2.1.6279.6001.{30..31} @2", stops="expected a folder per class"),
    "LIDC slices": Known(
        "LIDC-IDRI-slices/LIDC-IDRI-{0001..0003}/nodule-{0..2}/{images,mask-{0..3}} @2", stops="folder per class"),
    "MosMed": Known(
        "MosMedData/studies/{CT-0,CT-1,CT-2,CT-3,CT-4}/study_{0001..0004}", stops="CT-0, CT-1, CT-2, CT-3, CT-4"),
    "HUST-19": Known(
        "HUST-19/{Patient {1..5}}/CT @9", stops="expected a folder per class"),
    "HUST slices": Known("{NiCT,pCT,nCT} @40", "NiCT, nCT, pCT"),
    "large CT slices": Known("curated_data/curated_data/{1NonCOVID,2COVID,3CAP}", "1NonCOVID, 2COVID, 3CAP"),
    "BIMCV": Known(
        "bimcv_covid19_{posi,nega}/sub-S{03044..03049}/ses-E{07985..07986}/mod-rx @1",
        "bimcv_covid19_nega, bimcv_covid19_posi", patients=6),
    "COVIDx": Known("data/{train,test} @9", stops="expected a folder per class"),
    "COVIDGR": Known("Revised-croped/{P,N}", "N, P"),
    "COVIDGR grades": Known(
        "COVIDGR_1.0/{P/{Mild,Moderate,Normal-PCR+,Severe},N}", stops="N, P | Mild, Moderate, N"),
    "PadChest": Known("PadChest/{0..5} @9", stops="0"),
    "Curated X-ray": Known(
        "Curated X-Ray Dataset/{COVID-19,Normal,Pneumonia-Bacterial,Pneumonia-Viral}",
        "COVID-19, Normal, Pneumonia-Bacterial, Pneumonia-Viral"),
    "PA set": Known("Data/{train,test}/{COVID19,NORMAL,PNEUMONIA}", "COVID19, NORMAL, PNEUMONIA", True),
    "COVID PNEUMONIA NORMAL PA": Known("{covid,normal,pneumonia}", "covid, normal, pneumonia"),
    "CC-CCII": Known(
        "CC-CCII/{NCP/{100..104}/{1100..1101},CP/{200..204}/{2100..2101},Normal/{300..304}/{3100..3101}} @3",
        "CP, NCP, Normal", patients=15),
    "COV19-CT-DB": Known(
        "COV19-CT-DB/{train,validation}/{covid,non-covid}/ct_scan_{0..4}", "covid, non-covid", True, patients=10),
    "Extensive CT and X-ray": Known(
        "COVID-19 Dataset/{CT,X-ray}/{COVID,Non-COVID}", "COVID, Non-COVID", sources="CT, X-ray"),
    "CT and X-ray of two sets": Known(
        "Curated CT & X-Ray/{CT scans,X-ray images}/{train,test}/{covid,normal}", "covid, normal", True,
        sources="CT scans, X-ray images"),
    "COVID-19 augmented": Known(
        "{Augmented images,Original images}/{COVID-19,Non-COVID}", "COVID-19, Non-COVID",
        sources="Augmented images, Original images"),
    "covid19-image-dataset": Known(
        "Covid19-dataset/{train,test}/{Covid,Normal,Viral Pneumonia}", "Covid, Normal, Viral Pneumonia", True),
    "COVIDx CT": Known("2A_images @20", stops="expected"),
    "pneumonia 4 classes": Known(
        "Lung Disease Dataset/{train,val,test}/{Bacterial Pneumonia,Corona Virus Disease,Normal,Tuberculosis,"
        "Viral Pneumonia}", "Bacterial Pneumonia, Corona Virus Disease, Normal, Tuberculosis, Viral Pneumonia", True),
    "ct-low-dose": Known("Preprocessed CT scans/{nCT,pCT}", "nCT, pCT"),
    "pulmonary embolism": Known("FUMPE/CT_scans/PAT{001..006} @9", stops="folder per class"),
    "pneumothorax": Known("siim/{dicom-images-train,dicom-images-test}/1.2.276.{1..4}/1.2.277.{1..4} @1",
                          stops="folder per class"),
    "JSRT": Known("JSRT/{All247images,BMP}", stops="folder per class"),
    "belarus": Known("belarus/{DS-TB,MDR-TB,XDR-TB}", "DS-TB, MDR-TB, XDR-TB"),
    "xray with masks": Known(
        "Lung Segmentation/{CXR_png,masks,test} @9", stops="expected"),
    "covid multi-severity": Known(
        "{Covid/{Mild,Moderate,Severe},Non-Covid}", stops="Covid, Non-Covid | Mild, Moderate, Non-Covid, Severe"),
    "pneumonia with kinds below": Known(
        "{NORMAL,PNEUMONIA/{BACTERIA,VIRUS}}", stops="NORMAL, PNEUMONIA | BACTERIA, NORMAL, VIRUS"),
    "pneumonia with kinds of all": Known(
        "{train,test}/{normal,pneumonia/{bacterial,viral,covid}}",
        stops="normal, pneumonia | bacterial, covid, normal, viral"),
}  # fmt: skip
OWN = {
    "upper case": Known("DATA/{TRAIN,VAL,TEST}/{COVID,NORMAL}", "COVID, NORMAL", True),
    "lower case with spaces": Known(
        "my data/{train set,test set}/{covid 19,normal lung}", "covid 19, normal lung", True),
    "numbered": Known("{1. Training,2. Validation,3. Test}/{0_normal,1_covid}", "0_normal, 1_covid", True),
    "typos of parts": Known("{Trian,vaildation,tets}/{covid,normal}", "covid, normal", True),
    "typos of parts 2": Known("{traning,validaton,test}/{a,b}", "a, b", True),
    "typos of classes": Known("{Nomral,pnuemonia}", "Nomral, pnuemonia"),
    "typos of classes below a source": Known("{A,B}/{Nomral,pnuemonia}", "Nomral, pnuemonia", sources="A, B"),
    "typos in one part": Known("train/{Normal,Covid} | test/{Nomral,Covid}", stops="Nomral"),
    "Spanish": Known("{entrenamiento,validación,prueba}/{neumonía,sano}", "neumonía, sano", True),
    "Portuguese": Known("{treino,validação,teste}/{pneumonia,saudável}", "pneumonia, saudável", True),
    "French": Known("{entraînement,validation,test}/{malade,sain}", "malade, sain", True),
    "German": Known("{Trainingsdaten,Validierung,Testdaten}/{krank,gesund}", "gesund, krank", True),
    "Turkish": Known("{eğitim,doğrulama,test}/{hasta,sağlıklı}", "hasta, sağlıklı", True),
    "Korean": Known("{훈련,검증,테스트}/{정상,폐렴}", "정상, 폐렴", True),
    "Korean 2": Known("{학습데이터,시험데이터}/{정상,폐렴}", "정상, 폐렴", True),
    "Chinese": Known("{训练集,验证集,测试集}/{正常,肺炎}", "正常, 肺炎", True),
    "Japanese": Known("{学習用,検証用,テスト用}/{正常,肺炎}", "正常, 肺炎", True),
    "Arabic": Known("{تدريب,تحقق,اختبار}/{سليم,مريض}", "سليم, مريض", True),
    "Russian": Known("{обучение,валидация,тест}/{здоровые,больные}", "больные, здоровые", True),
    "Russian 2": Known("{обучающая выборка,тестовая выборка}/{норма,пневмония}", "норма, пневмония", True),
    "Hindi": Known("{प्रशिक्षण,परीक्षण}/{सामान्य,निमोनिया}", "निमोनिया, सामान्य", True),
    "Italian": Known("{addestramento,convalida,test}/{malati,sani}", "malati, sani", True),
    "Indonesian": Known("{latih,validasi,uji}/{normal,pneumonia}", "normal, pneumonia", True),
    "archive (3)": Known("archive (3)/chest_xray/{train,test}/{NORMAL,PNEUMONIA}", "NORMAL, PNEUMONIA", True),
    "two downloads": Known("{archive,archive (1)}/{COVID,Normal}", "COVID, Normal"),
    "new folder": Known("{New folder,New folder (2)}/{covid,normal}", "covid, normal"),
    "classes beside new folder": Known("covid | normal | New folder (2)/{covid,normal}", "covid, normal"),
    "dates": Known("{2020-03-01,2020-04-15}/{covid,normal}", "covid, normal", sources="2020-03-01, 2020-04-15"),
    "dates below": Known("{covid,normal}/{20200301,20200415}", "covid, normal"),
    "dates of exams below people": Known(
        "{covid/c,normal/n}{000..011}/{2020-03-01,2020-04-01,2020-05-01}", "covid, normal", patients=24),
    "dates of exams alone": Known("{covid,normal}/{20200115,20200116,20200117,20200118}", "covid, normal"),
    "many names above": Known("{covid{01..15}/covid,healthy{01..15}/normal}", "covid, normal", patients=30),
    "classes numbered below": Known("{COVID/COVID-{1..12},Normal/Normal-{1..12}}", "COVID, Normal", patients=24),
    "people by name": Known("COVID/{Aa,Ab,Ac,Ad,Ae,Af,Ag,Ah,Ai,Aj,Ak,Al} | Normal/{Ba,Bb,Bc,Bd,Be,Bf,Bg,Bh,Bi,Bj,Bk}",
                            "COVID, Normal", patients=23),
    "normal and healthy": Known(
        "A/{COVID,Normal} | B/{COVID,Healthy}", stops="COVID, Healthy, Normal | Normal: Healthy"),
    "covid with and without pneumonia": Known("{COVID/{pneumonia,no pneumonia},Normal}",
                                             stops="COVID, Normal | Normal, no pneumonia, pneumonia"),
    "cases of degrees": Known("{COVID cases/{mild pneumonia,severe pneumonia},Normal cases}",
                              stops="COVID cases, Normal cases | Normal cases, mild pneumonia, severe pneumonia"),
    "initials below": Known("{covid,normal}/{JK,MB,AS}", "covid, normal", sources="AS, JK, MB"),
    "initials above": Known("{JK,MB}/{covid,normal}", "covid, normal", sources="JK, MB"),
    "hospital export": Known("{COVID,CONTROL}/PAT{0001..0004}/ST0/SE{1..2}", "CONTROL, COVID", patients=8),
    "hospital export, other people": Known(
        "COVID/PAT{0001..0004}/ST0/SE1 | CONTROL/PAT{0005..0008}/ST0/SE1", "CONTROL, COVID", patients=8),
    "patient above class": Known("patient_{1..6}/{left,right}/{normal,tumor} @1", "normal, tumor", patients=6,
                                 sources="left, right"),
    "patient above class, no sides": Known("Patient {01..06}/{covid,normal} @1", "covid, normal", patients=6),
    "numbers above class": Known("{101..106}/{covid,normal} @2", "covid, normal", patients=6),
    "one class per patient": Known("pt{1..4}/covid @3 | pt{5..8}/normal @3", "covid, normal", patients=8),
    "class in the middle": Known("hospital/{2019,2020}/{TB,healthy}/{PA,LAT}/{train,test}", "TB, healthy", True,
                                sources="2019/LAT, 2019/PA, 2020/LAT, 2020/PA"),
    "split below class": Known("{COVID,Normal}/{train,test}", "COVID, Normal", True),
    "split below class and kind": Known("{COVID,Normal}/images/{train,val,test}", "COVID, Normal", True),
    "split glued with class": Known("{train,test}_{covid,normal}", "covid, normal", True),
    "class glued with split": Known("{covid,normal}-{train,test}", "covid, normal", True),
    "class glued with split, camel": Known("{covid,normal}{Train,Val,Test}", "covid, normal", True),
    "glued twice": Known("{train,test}/{train,test}", stops="the train part"),
    "class repeated below": Known("{COVID/COVID,Normal/Normal}", "COVID, Normal"),
    "class repeated below images": Known("{COVID/images/COVID,Normal/images/Normal}", "COVID, Normal"),
    "class repeated in other spelling": Known("{COVID-19/covid_images,Normal/normal_images}", "COVID-19, Normal"),
    "set named after a finding": Known("covid dataset/{covid,normal}", "covid, normal"),
    "two sets named after findings": Known(
        "{COVID dataset,TB dataset}/{positive,negative}", "negative, positive", sources="COVID dataset, TB dataset"),
    "two sets with their own diseases": Known(
        "covid set/{covid,normal} | tb set/{tb,normal}", "covid, normal, tb", sources="covid set, tb set"),
    "grades": Known("{grade 0,grade 1,grade 2}", "grade 0, grade 1, grade 2"),
    "degrees": Known("{mild,moderate,severe}", "mild, moderate, severe"),
    "degrees and normal": Known("{normal,mild,severe}", "mild, normal, severe"),
    "GOLD": Known("{GOLD 1,GOLD 2,GOLD 3}", "GOLD 1, GOLD 2, GOLD 3"),
    "CO-RADS": Known("CO-RADS {1..5}", ", ".join(f"CO-RADS {n}" for n in range(1, 6))),
    "0 and 1": Known("{train,test}/{0,1}", "0, 1", True),
    "0, 1 and 2": Known("data/{0,1,2}", "0, 1, 2"),
    "1 and 2": Known("data/{1,2} @50", stops="folder per class"),
    "yes and no": Known("{yes,no}", "no, yes"),
    "pos and neg": Known("{train,test}/{pos,neg}", "neg, pos", True),
    "plus and minus": Known("{COVID+,COVID-}", "COVID+, COVID-"),
    "plus and minus in parts": Known("{train,test}/{PCR+,PCR-}", "PCR+, PCR-", True),
    "one class": Known("covid/images", stops="single class 'covid'"),
    "one class in parts": Known("{train,test}/covid", stops="single class 'covid'"),
    "an unlabelled test": Known("train/{covid,normal} | test", "covid, normal"),
    "an unlabelled test of kinds": Known("train/{covid,normal} | test/images", "covid, normal"),
    "unlabelled test below a class-like name": Known("train/{covid,normal} | test/unknown", "covid, normal"),
    "folds": Known("fold{1..5}/{covid,normal}", "covid, normal"),
    "folds with parts": Known("fold_{1..3}/{train,val}/{covid,normal}", stops="given_split=ignore"),
    "folds below parts": Known("{train,test}/fold{0..1}/{covid,normal}", "covid, normal", True),
    "original and cropped": Known("{original,cropped}/{covid,normal}", "covid, normal", sources="cropped, original"),
    "original and cropped below": Known(
        "{covid,normal}/{original,cropped}", "covid, normal", sources="cropped, original"),
    "augmented beside classes": Known(
        "{covid,normal} | augmented/{covid,normal}", "covid, normal", sources=", augmented"),
    "augmented in the class": Known("{covid,covid_augmented,normal}", stops="covid"),
    "png and jpg": Known("covid/png | normal/jpg", "covid, normal", sources="jpg, png"),
    "masks beside": Known("{covid,normal,masks}", "covid, normal", masks=4),
    "masks above": Known("{images,masks}/{covid,normal}", "covid, normal", masks=8),
    "masks below": Known("{covid,normal}/{img,mask}", "covid, normal", masks=8),
    "masks beside each class": Known("{covid,covid_masks,normal,normal_masks}", "covid, normal", masks=8),
    "mask_only": Known("{covid,normal}/{images,mask_only}", "covid, normal", masks=8),
    "overlayed": Known("{covid,normal}/{images,overlayed}", "covid, normal", masks=8),
    "overlaid": Known("{covid,normal}/{images,images overlaid,masked}", "covid, normal", masks=16),
    "with mask": Known("{covid,normal}/{images,with mask}", "covid, normal", masks=8),
    "GT beside IMG": Known("{train,test}/{IMG,GT}/{covid,normal}", "covid, normal", True, masks=16),
    "binary masks": Known("{covid,normal}/{CXR,BinaryMasks}", "covid, normal", masks=8),
    "masks by suffix": Known("{covid,normal}/*.png | {covid,normal}/*_mask.png", "covid, normal", masks=8),
    "masks by prefix": Known("{covid,normal}/im*.png | {covid,normal}/mask_im*.png", "covid, normal", masks=8),
    "masks by -seg": Known("{covid,normal}/im*.png | {covid,normal}/im*-seg.png", "covid, normal", masks=8),
    "masks in another tree": Known("{data,data_masks}/{covid,normal}", "covid, normal", masks=8),
    "lungs left and right": Known("{covid,normal}/{images,left lung,right lung}", "covid, normal",
                                  sources=", left lung, right lung"),
    "Spanish masks": Known("{covid,normal}/{imagenes,mascaras}", "covid, normal", masks=8),
    "hospitals": Known("{hospital_A,hospital_B}/{COVID,Normal}", "COVID, Normal", sources="hospital_A, hospital_B"),
    "hospitals below": Known("{COVID,Normal}/{Gemelli,Charite}", "COVID, Normal", sources="Charite, Gemelli"),
    "confounded": Known("hospital_A/COVID | hospital_B/Normal", "COVID, Normal", sources="hospital_A, hospital_B"),
    "confounded, odd names": Known("Wuhan/COVID | Bern/Normal", "COVID, Normal", sources="Bern, Wuhan"),
    "confounded, all odd": Known(
        "Wuhan/ill people | Bern/well people", "ill people, well people", sources="Bern, Wuhan"),
    "views above": Known("{PA,AP,Lateral}/{COVID,Normal}", "COVID, Normal", sources="AP, Lateral, PA"),
    "sexes below": Known("{COVID,Normal}/{male,female}", "COVID, Normal", sources="female, male"),
    "devices above": Known("{Siemens,GE,Philips}/{covid,normal}", "covid, normal", sources="GE, Philips, Siemens"),
    "ages above": Known(
        "{adult,pediatric}/{train,test}/{covid,normal}", "covid, normal", True, sources="adult, pediatric"),
    "hospitals above parts": Known(
        "{site1,site2}/{train,test}/{covid,normal}", "covid, normal", True, sources="site1, site2"),
    "hospitals are parts": Known("train/{A,B}/{covid,normal} | test/C/{covid,normal}", "covid, normal", True,
                                 sources="A, B, C"),
    "class in one part only": Known("train/{covid,normal} | test/{covid,normal,tb}", stops="none of 'tb'"),
    "covid test": Known("{Covid test positive,Covid test negative}", stops="Covid test negative, Covid test positive"),
    "before and after training": Known("{Post-training,Pre-training}", stops="Post-training, Pre-training"),
    "validated": Known("{validated normal,validated covid}", "validated covid, validated normal"),
    "trained": Known("{trained,untrained}", stops=""),
    "tested": Known("{PCR tested,not tested}", "PCR tested, not tested"),
    "kinds of opacity": Known("{Lung Opacity,Normal}", "Lung Opacity, Normal"),
    "chest tightness": Known("{Chest tightness,Chest pain}", "Chest pain, Chest tightness"),
    "CT negative": Known("{CT negative,CT positive}", "CT negative, CT positive"),
    "mass": Known("{Mass,Nodule,No Finding}", "Mass, No Finding, Nodule"),
    "raw": Known("{Raw,Processed}/{COVID,Normal}", "COVID, Normal", sources="Processed, Raw"),
    "maps": Known("{Opacities map,Normal}", "Normal, Opacities map"),
    "CT and X-ray alone": Known("{CT,X-ray}", stops="CT, X-ray"),
    "lung cancer kinds": Known("{lung_aca,lung_n,lung_scc}", "lung_aca, lung_n, lung_scc"),
    "letters": Known("{A,B,E,G}", "A, B, E, G"),
    "letters with numbers": Known("{A1,A2} @50", stops=""),
    "patients in file names": Known("{covid,normal}/patient*_1.png", "covid, normal"),
    "bacteria in file names": Known("chest_xray/{train,test}/{NORMAL/IM-*.jpeg,PNEUMONIA/person*_virus_1.jpeg}",
                                    "NORMAL, PNEUMONIA", True),
    "loose pictures": Known("/loose*.png @1 | {covid,normal} @9", "covid, normal"),
    "a figure folder": Known("{covid,normal} @90 | figures @3", "covid, normal"),
    "MACOSX": Known("set/{covid,normal} | __MACOSX/set/{covid,normal}", "covid, normal"),
    "deep": Known("a/b/c/data/{train,test}/x/y/{covid,normal}/z", "covid, normal", True),
    "class names with letters of all kinds": Known("{Covid (19),Nørmal & co.}", "Covid (19), Nørmal & co."),
    "quotes": Known("{it's,isn't}", "isn't, it's"),
    "vs": Known("covid_vs_normal/{covid,normal}", "covid, normal"),
    "tasks above": Known("{covid_vs_normal,covid_vs_pneumonia}/{covid,normal} @3", "covid, normal",
                         sources="covid_vs_normal, covid_vs_pneumonia"),
    "test of several": Known("{train,test1,test2}/{covid,normal}", "covid, normal", True),
    "internal and external test": Known("{train,internal test,external test}/{covid,normal}", "covid, normal", True),
    "train and test with sizes": Known("{train_224,test_224}/{covid,normal}", "covid, normal", True),
    "train images resized": Known("{train_resized,test_resized}/{covid,normal}", "covid, normal", True),
    "split words of 80/20": Known("{train80,test20}/{covid,normal}", "covid, normal", True),
    "val twice": Known("{train,valid,val}/{covid,normal}", "covid, normal", True),
    "dataset beside": Known("covid_dataset | normal_dataset", "covid_dataset, normal_dataset"),
    "three hospitals, three spellings": Known(
        "a_hosp/{COVID,Normal} | b_hosp/{covid,normal} | c_hosp/{Covid-19,NORMAL}", "COVID, NORMAL",
        sources="a_hosp, b_hosp, c_hosp"),
    "slices of volumes": Known("{covid,normal}/volume{1..4}/axial", "covid, normal", patients=8),
    "numbers below, few": Known("{covid,normal}/{1,2}", "covid, normal"),
    "seasons above": Known("{winter,summer}/{ill,well}", "ill, well", sources="summer, winter"),
    "unknown over unknown": Known("{Oslo,Bergen}/{xx,yy}", stops="Bergen, Oslo | xx, yy"),
}  # fmt: skip
NAMED = {
    # Parts of a split, however they are called.
    "dev and holdout": Known("{dev,holdout}/{covid,normal}", "covid, normal", True),
    "development and test sets": Known("{Development set,Test set}/{covid,normal}", "covid, normal", True),
    "dev beside val": Known("{dev,val,test}/{covid,normal}", "covid, normal", True),
    "dev beside train": Known("{training,development,holdout}/{covid,normal}", "covid, normal", True),
    "classes of dev and holdout": Known("{covid,normal}_{dev,holdout}", "covid, normal", True),
    "test beside the class": Known("{TB,TB_test,Normal,Normal_test}", "Normal, TB", True),
    "test beside the class, lower case": Known("x/{covid,normal,covid test,normal test}", "covid, normal", True),
    "test before the class": Known("{TestNormal,TestCovid,Normal,Covid}", "Covid, Normal", True),
    "test images beside the class": Known("{TB,TB test images,Normal,Normal test images}", "Normal, TB", True),
    "test and val beside the class": Known(
        "{TB,TB-val,TB-test,Normal,Normal-val,Normal-test}", "Normal, TB", True),
    "parts glued to classes": Known("{COVIDtrain,COVIDtest,Normaltrain,NormalTest}", "COVID, Normal", True),
    "test glued to the class": Known("x/{COVID,COVIDtest,Normal,NormalTest}", "COVID, Normal", True),
    "images in one part's name": Known(
        "{train_covid images,test-covid,train_normal images,test-normal}", "covid, normal", True),
    "short words behind classes": Known("{covid,normal}_{tr,ts}", "covid, normal", True),
    "short words behind classes, camel": Known("{covid,normal}{Tr,Va,Ts}", "covid, normal", True),
    "places behind classes": Known(
        "{covid,normal}_{Wuhan,Bern}", stops="covid (8), normal (8) | covid_Wuhan:covid,normal_Bern:normal"),
    "devices before classes": Known("{CT,Xray}-{covid,normal}", stops="covid (8), normal (8)"),
    "one class has a test": Known("{TB,TB_test,Normal}", stops="Normal, TB, TB_test | class_names={TB_test:TB}"),
    "train beside the class": Known("{TB,TB_train,Normal,Normal_train}", stops="{Normal_train:Normal,TB_train:TB}"),
    "words that end in test": Known("{covid,normal,contest,protest}", "contest, covid, normal, protest"),
    "a test folder beside the classes": Known("data/{covid,normal} | data/test/{covid,normal}", "covid, normal", True),
    "test images below each class": Known("{covid,normal}/{images,test images}", "covid, normal", True),
    "a test folder of one class": Known("{covid,normal} | test/covid", "covid, normal"),
    "an unlabelled test": Known("{covid,normal} | unlabelled test/all", "covid, normal"),
    # One folder below the classes is no level.
    "one study": Known("{NCP,CP,Normal}/my study @9", "CP, NCP, Normal"),
    "one study of people": Known("{NCP,CP,Normal}/my study/P{1..4}", "CP, NCP, Normal", patients=12),
    "one folder each": Known("{NCP/alpha,CP/beta,Normal/gamma}", "CP, NCP, Normal"),
    "all": Known("{Normal/all,COVID/all}", "COVID, Normal"),
    "png files": Known("{NCP/all,CP/png files,Normal/all}", "CP, NCP, Normal", sources=", png files"),
    "two studies": Known("{NCP,CP,Normal}/{abc,xyz}", "CP, NCP, Normal", sources="abc, xyz"),
    "a class of two": Known("Normal | NCP/{one,two}", stops="dataset.classes=[NCP,Normal]"),
    # Folders that nobody named, copies, and what is no class.
    "new folder beside": Known("set/{covid,normal} @14 | set/New folder @3", "covid, normal"),
    "untitled folder": Known("{covid,normal} @14 | untitled folder @3", "covid, normal"),
    "folders without a name in other languages": Known(
        "set/{covid,normal} @20 | set/{Neuer Ordner,새 폴더,新建文件夹,Новая папка} @1", "covid, normal"),
    "unnamed folders above": Known("{New folder,Neuer Ordner (2)}/{covid,normal}", "covid, normal"),
    "recycle bin": Known("{covid,normal} @14 | $RECYCLE.BIN @2", "covid, normal"),
    "checkpoints": Known("{covid,normal} @14 | .ipynb_checkpoints @2", "covid, normal"),
    "logs and weights": Known("{covid,normal} @14 | {logs,weights} @1", "covid, normal"),
    "unlabelled": Known("{covid,normal} | unlabeled", "covid, normal"),
    "COVID (1)": Known("{COVID,COVID (1),Normal}", stops=r"COVID, COVID (1), Normal | {COVID\(1\):COVID}"),
    "one class twice": Known("{Covid,Covid (2)}", stops=r"1 class: Covid (8) | {Covid\(2\):Covid}"),
    "one class of two views": Known("{PA covid,AP covid}", stops="AP covid, PA covid"),
    "downloads": Known("{COVID (1),COVID (2),Normal}", stops=r"{COVID\(1\):COVID,COVID\(2\):COVID}"),
    "a copy": Known("{COVID,Kopie von COVID,Normal}", stops="{Kopie von COVID:COVID}"),
    "another copy": Known("{COVID,COVID - Copy (2),Normal}", stops=r"{COVID - Copy\(2\):COVID}"),
    "a download in Korean": Known("{정상,정상 (1),폐렴}", stops="class_names={정상(1): 정상}"),
    "two spellings side by side": Known("{covid,COVID-19,normal}", stops="{covid:COVID-19}"),
    # Where pictures are from.
    "public sets by name": Known("{Kaggle,Github,Own}/{covid,normal}", "covid, normal", sources="Github, Kaggle, Own"),
    "numbered sets": Known("dataset{1..2}/{covid,normal}", "covid, normal", sources="dataset1, dataset2"),
    "public and private": Known(
        "{public data,private data}/{covid,normal}", "covid, normal", sources="private data, public data"),
    "years of months": Known("{pneumonia,healthy}/{2019,2020}/{01..12} @2", "healthy, pneumonia", patients=24),
    "same numbers in both classes": Known("{covid,normal}/S-00{11..19}", "covid, normal", patients=9),
    "ids in both classes": Known("{covid,normal}/PTc{001..010}", "covid, normal"),
    "Chinese patients": Known("{正常,新冠}/病人{1..4}", "新冠, 正常", patients=8),
    "Spanish": Known("Imágenes/{Sanos,Enfermos}/{Entrenamiento,Validación,Prueba}", "Enfermos, Sanos", True),
    "German": Known("Bilder/{Gesunde Lunge,Lungenentzündung}", "Gesunde Lunge, Lungenentzündung"),
    "Polish": Known("{chory,zdrowy}", "chory, zdrowy"),
}  # fmt: skip
ALL = {**PUBLIC, **OWN, **{f"{name} (named)": known for name, known in NAMED.items()}}
