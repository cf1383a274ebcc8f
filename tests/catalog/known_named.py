"""Layouts that turn on a folder's name: parts glued to classes, unnamed folders, copies; see layout_notation.py."""

from tests.catalog.layout_notation import Known

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
