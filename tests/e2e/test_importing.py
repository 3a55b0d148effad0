"""A new user's first file, in a real terminal (I8)."""

from pathlib import Path

import pytest

from tests.e2e.shop import Shop
from tests.e2e.terminal import RETORNO, Terminal, retorno

FILE = (
    "Código;Nome;E-mail;Nota;Comentário;Data da resposta;Loja\r\n"
    "r1;Marina Alves;marina@clientes.example;2;Chegou nove dias depois;13/11/2026 10:00;Natal\r\n"
    'r2;João Lima;joao@clientes.example;9;"Tudo certo;\nobrigado";14/11/2026 09:30;Recife\r\n'
    "r3;Clara Souza;clara@clientes.example;dez;Bom;14/11/2026 11:00;Recife\r\n"
)


@pytest.mark.servers
def test_i8_the_first_file_of_a_new_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Key, file, survey, a look, a column put right, in: and the tickets are there, and what was refused can be mended."""
    shop = Shop(tmp_path, monkeypatch)
    retorno("init", "--language", "pt", "--name", "Ana")
    file = tmp_path / "respostas.csv"
    file.write_bytes(FILE.encode("cp1252"))
    with Terminal(shop.folder, *RETORNO, size=(120, 30)) as t:
        t.shows("No answers yet")
        t.keys("I")
        t.type(str(file))  # at once: what is typed ahead is not lost
        t.shows("Which file?", str(file))
        t.keys("Enter")
        t.shows("The new survey is called respostas")
        t.keys("Enter")
        t.shows("3 rows → respostas (new)", "▼2", "Chegou nove dias depois", "“dez” is not a whole number", "i import")
        t.keys("G", "Enter")
        t.shows("“Loja” is")
        t.type("question")
        t.keys("Enter")
        t.shows("set by hand")
        t.keys("i")
        t.shows("respostas.csv came in as respostas", "2  tickets opened", "1  refused")
        t.keys("w")
        t.shows("respostas-refused.csv")
        t.keys("C-u")
        t.type(str(tmp_path / "recusadas.csv"))
        t.keys("Enter")
        t.shows("1 row was saved")
        t.keys("t")
        t.shows('is:open survey:"respostas"', "Marina Alves", "João Lima")
    assert "dez" in (tmp_path / "recusadas.csv").read_text("utf-8-sig")
    kept = shop.rows("SELECT questions, attributes FROM answers WHERE external_id = 'r1'")[0]
    assert "Natal" in kept[0] and "Natal" not in kept[1]
