"""Old Excel workbooks. The two below were written by xlwt 1.3, which nothing else here needs: hence their bytes."""

import base64
import resource
import zlib
from pathlib import Path

import pytest

from pipeline.ingest.excel import read_workbook
from pipeline.ingest.formats import format_of
from pipeline.ingest.header import Sought
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.settings import Settings
from tests.ingest.shapes import Listed, in_order

SOUGHT = Sought(frozenset({"nom", "montant", "objet", "date"}), ())
SETTINGS = Settings()
# Sheets « infos » and « Aides »: texts, numbers, a date, a date as text, a boolean.
SMALL = (
    "c-rk)OGs2v82-+^cbd_BjHZD`G6-3j;*2hGW1}+ZrZJ762SJTG!DQWu@h+-GSthhd2wD|w6kD{>g5D3PRS|(viy#QJR^losXrbQz^WS?-Z2|{MFz$Cb|2^k_oY()K$GvaI"
    "3nqr{lulv^c0k3PnT0hAc!E-vQ}Bc2rYW<|+egWCv8s^eBS)_B;7RTquk@kx_aqeD)?N?=K2th`lW0ro@xThAnfnkEvJVYHqu5h$gHj$!xL<`#yO^$HI>x$BnKm+KkZA+y"
    "PKbjT54Tm;+i|>KDQ8(8QGo|+^N~3r6yueQ<8xPprRzacDiJ%r$^>Ov4n{yOZH?>klq~1tCbEG@q$V1zIY5{|5xIK=-^~E<%~{va11^7M`2xiMv6%1u1K&qZT*|+yXh0v#"
    "BSHrA0CKTQlM)XS`q5;sWDI*OMpL3Y-aCU1-l}CH#Z)4$tDpsbf|Pc59*Y|kHPNJQ#B_tik(d!*3$!G<j6_loOc_(877PYMwG>RX!O-^VV10F6C|jNlyqEYF?IpRq!g7dq"
    "BcJmHyw3d8{LHPd@1mXU;ls@7;|^J;%qBS`m^d#j$T)9aV$n*r*v9k%*Sdl8rA&)xr1Y+6FSau+{j775r4`gp9pim?^Md>q$`4F;JS-dd65dMr(bmZ`MWY|WLnx<Hubb@U"
    "(~l}qC9YqScocTt!rqTQF)jIRZ}KUAyYHrbl;&eru0}$Eb>1q4xGz;{@A`$6m{o0_uGU%A($1<Ju~l+r$0{jQQs+x5l{C99k)|%eb;;%PjCv#3x|YwM$HNL)OFJcvox*m~"
    "S7#Mjl6KRVytYiX>a|-{msqRh7uAZ3#=S2GU*B!EII@Pu%lA%g94n4^6d!R^9wkQ((nXF77cN}5aN)v5ItacI!M=rnZ#weU;<f+l%u<?jf0O*T*n=cJ27OZQgih}iPG=N9"
    ">){bjU1FIw&i_J*ebjmiJ?P|q^kf{r^o1Z6j%V41{=c_`GHrh@lYai=_J0DSi5aK"
)
# Three sheets with one cell at each corner of the format: 5 kB, and 3 GB once laid out.
CORNERS = (
    "c-rk)J!lj`6#iy&dw(RCy?7B5Ashi?Oi~zaY?4($Q{{*@iU{#yPLL#fa$KW@M&p%&V5Qgu(%3|8{6P!tEQE*_q9EKUR#t*SisUx$z1!t3YLNqtr_8s^n>TOX+nJsB=FRTD"
    "T8bCv?{}8)1BTIrvKv9LMy9Al{DuYUcU@-vI!wjY_@@vFlOuyBp0vCSu@BkbB^bCDcuo}fNaZBXA(eG9$xXyTnL}Ff9EMboV$Yz6yiGKQ4w+e-(9=S<2)!%XPlfIm$u*%v"
    "q+3)cuw<wD_IZ(f+~}6R7*U0XV)I@kgJ{PKj^s<%RYljtf!x{jbYpgO1)8w{^4&<r$>h@0MI^|H3;6CPfp7k9eU{Yn&6O*Ve0jY*^b7e7BLK|8J*7Ah3y9)f6ZaT6vzuGv"
    "rq>$e*5{zt+OvXfvROG~$sm=Tp%@s=I{CDdk8+}xjcu*l*ew$5%|s{BDtuh*ElS-hcfP(JofxynMKUYNypr;F@C@PNGFy;wtmZgi(kB-ELa)eOw+r7XG(mw%b<bG4#~hv$"
    "ovYH@L*wifys>xI@V&$rz8rbfRrqA@B7SkCbRn_$)}BW<9YK?1&(|CV)PTBmlkwR0YvrYe4?;VBN)utjLS+?Q??GCzim0%0p_LY|j`H;7fKyfdi$;`>I?~{E9X8tVfNxD{"
    "rwZ+bzu*OEFEpwbG&D3cG&D3C1giQ80e-bHz1O3V_g`m~N?HFV`EPL)S-SG{QF;gt)j6E6D}J`ZRQ|ox25tQRg^Xh~dJa>Vka<ki9l!K?t7@NT!-m%H+d}n@U#@4Ke|Y>g"
    "fMqMX"
)


def write(folder: Path, packed: str) -> Path:
    (folder / "livraison").write_bytes(zlib.decompress(base64.b85decode(packed)))
    return folder / "livraison"


def rows(path: Path, sheet: str | None = None) -> tuple[str, Listed]:
    read = read_workbook(path, "xls", sheet, SOUGHT, SETTINGS)
    return read.sheet, in_order(read.records)


def test_an_old_workbook_is_read_as_a_new_one(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL)
    assert format_of(path) == "xls"
    assert rows(path) == (
        "Aides",
        [
            (1, ["Nom", "Objet", "Montant", "Date"]),
            (2, ["Fiction été", "", "12", "2018-03-23 00:00:00"]),
            (3, ["00012", "", "1234.5", "2017-08-31"]),
            (4, ["22860194600000", "", "100000000000000000000", "true"]),
        ],
    )
    with pytest.raises(DeliveryRefused, match=r"« Aide » absente .*« Aides »"):
        rows(path, "Aide")


def test_a_workbook_that_would_fill_the_memory_is_refused_by_a_process_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, CORNERS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DeliveryRefused, match="trop étendu"):
        rows(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10, "in KiB: nothing of it was laid out here"


@pytest.mark.parametrize("kept", [600, 2000, 4000, 5000])
def test_a_cut_workbook_is_refused(tmp_path: Path, kept: int) -> None:
    path = write(tmp_path, SMALL)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DeliveryRefused):
        rows(path)
