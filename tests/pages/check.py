#!/usr/bin/env python3
"""Opens pages in headless Chromium and Word files in LibreOffice, as people will, and says what is wrong.

    check.py [--pictures FOLDER] FILE.html … FILE.docx …

A page must ask for nothing over the network, hold no script, say nothing on the console, fit the width of a phone, a
laptop and a sheet of paper without scrolling sideways, print on A4 and letter, and describe its pictures. A Word file
must become a PDF that holds its tables. Needs chromium, soffice, pdfinfo and pdftotext; only the standard library of
Python. Exit code 1 when something is wrong."""

import argparse
import base64
import json
import os
import pathlib
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

WIDTHS = [("phone", 360, 740), ("small_phone", 320, 640), ("tablet", 768, 1024), ("laptop", 1280, 800), ("wide", 1920, 1080)]
SHEETS = [("a4", 8.27, 11.69), ("letter", 8.5, 11.0)]
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--remote-debugging-pipe",
]


class Browser:
    """Chromium, spoken to over two pipes."""

    def __init__(self, folder):
        command_out, self.commands = os.pipe()
        self.answers, answer_in = os.pipe()

        def pipes():
            # The browser reads from 3 and writes to 4, whatever numbers the pipes have here.
            ours = os.dup(command_out), os.dup(answer_in)
            os.dup2(ours[0], 3)
            os.dup2(ours[1], 4)

        binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not binary:
            sys.exit("no chromium: apt-get install chromium")
        self.log = open(os.path.join(folder, "chromium.log"), "wb")
        self.process = subprocess.Popen(
            [binary, *FLAGS, f"--user-data-dir={folder}/profile"],
            preexec_fn=pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )
        os.close(command_out)
        os.close(answer_in)
        self.buffer, self.events, self.number = b"", [], 0
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Network", "Runtime", "Log"]:
            self.ask(f"{domain}.enable")

    def ask(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if getattr(self, "session", None):
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read(60)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def read(self, seconds):
        end = time.monotonic() + seconds
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.answers], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser does not answer")
            piece = os.read(self.answers, 1 << 20)
            if not piece:
                raise RuntimeError("the browser has gone")
            self.buffer += piece
        line, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(line)

    def open(self, url):
        """Opens a page; returns what it asked for and what it said."""
        self.events.clear()
        self.ask("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.read(60))
        self.value("new Promise(done => setTimeout(done, 50))")
        asked = [event["params"]["request"]["url"] for event in self.events if event.get("method") == "Network.requestWillBeSent"]
        said = []
        for event in self.events:
            method, params = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                said.append(str(params["exceptionDetails"].get("text")))
            elif method == "Runtime.consoleAPICalled":
                said.append(f"console.{params['type']}")
            elif method == "Log.entryAdded":
                said.append(params["entry"]["text"])
        return [request for request in asked if request.split("#")[0] != url and not request.startswith("data:")], said

    def value(self, expression):
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def close(self):
        try:
            self.session = None
            self.ask("Browser.close")
        except (RuntimeError, TimeoutError, OSError):
            self.process.terminate()
        self.process.wait(30)
        self.log.close()


# What overflows sideways, if anything does; what scrolls within its own box does not.
TOO_WIDE = """(() => {
  const page = document.documentElement, wide = page.clientWidth;
  if (page.scrollWidth <= wide) return null;
  const inside = node => { for (let n = node.parentElement; n; n = n.parentElement) {
    const how = getComputedStyle(n).overflowX; if (how === 'auto' || how === 'scroll' || how === 'hidden') return true; } return false; };
  for (const node of document.querySelectorAll('body *'))
    if (node.getBoundingClientRect().right > wide + 1 && !inside(node))
      return `${node.tagName.toLowerCase()} ${(node.textContent || '').trim().slice(0, 40)}`;
  return 'the page';
})()"""

STRUCTURE = """(() => {
  const wrong = [], ids = [...document.querySelectorAll('[id]')].map(node => node.id);
  if (document.querySelector('script, iframe, object, embed, link[rel=stylesheet], img, base, form')) wrong.push('holds what a page of its own must not');
  if ([...document.querySelectorAll('*')].some(node => [...node.attributes].some(a => a.name.startsWith('on')))) wrong.push('holds a handler of events');
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (twice.length) wrong.push('ids stand twice: ' + twice.slice(0, 5));
  for (const link of document.querySelectorAll('a[href^="#"]'))
    if (!document.getElementById(decodeURIComponent(link.getAttribute('href').slice(1)))) wrong.push('leads nowhere: ' + link.getAttribute('href'));
  if (!document.documentElement.lang) wrong.push('has no language');
  if (!document.title) wrong.push('has no title');
  if (document.querySelectorAll('h1').length !== 1) wrong.push('has not one main heading');
  for (const svg of document.querySelectorAll('svg')) {
    const names = (svg.getAttribute('aria-labelledby') || '').split(' ').map(id => document.getElementById(id));
    if (svg.getAttribute('role') !== 'img' || names.length < 2 || names.some(node => !node || !node.textContent.trim())) wrong.push('a picture without title or description');
    if (!svg.closest('figure')?.querySelector('table')) wrong.push('a picture without its numbers');
    for (const text of svg.querySelectorAll('text')) {
      const box = text.getBBox(), edge = svg.viewBox.baseVal;
      const turned = text.hasAttribute('transform');
      if (!turned && (box.x < -2 || box.x + box.width > edge.width + 12)) wrong.push('words over the edge of a picture: ' + text.textContent);
    }
  }
  for (const table of document.querySelectorAll('table'))
    if (!table.querySelector('thead th[scope=col]')) wrong.push('a table without heads');
  return wrong;
})()"""


# On a phone the list of contents is folded until its box is ticked; elsewhere it is there. Says how it is now.
CONTENTS = """(() => {
  const list = document.querySelector('nav ol'), box = document.querySelector('nav input');
  if (!list) return null;
  const seen = () => getComputedStyle(list).display !== 'none', folded = !seen();
  box.checked = true;
  return [folded, seen()];
})()"""


def check_page(browser, path, pictures):
    wrong = []
    url = path.resolve().as_uri()
    for scheme in ["light", "dark"]:
        for name, width, height in WIDTHS:
            mobile = width < 600
            browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
            browser.ask("Emulation.setEmulatedMedia", media="screen", features=[{"name": "prefers-color-scheme", "value": scheme}])
            asked, said = browser.open(url)
            wrong += [f"{name}: asks for {request}" for request in asked]
            wrong += [f"{name}: says {text}" for text in said]
            overflow = browser.value(TOO_WIDE)
            if overflow:
                wrong.append(f"{name}: scrolls sideways: {overflow}")
            contents = browser.value(CONTENTS)
            if contents and contents != ["phone" in name, True]:
                wrong.append(f"{name}: contents folded and unfolded: {contents}")
            if pictures and name in ("phone", "laptop", "wide"):
                high = min(browser.value("document.documentElement.scrollHeight"), 12000)
                clip = {"x": 0, "y": 0, "width": width, "height": high, "scale": 1}
                shot = browser.ask("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
                (pictures / f"{path.stem}_{name}_{scheme}.png").write_bytes(base64.b64decode(shot["data"]))
    wrong += [f"{text}" for text in browser.value(STRUCTURE)]
    browser.ask("Emulation.setEmulatedMedia", media="", features=[])
    for name, width, height in SHEETS:
        inches = round((width - 32 / 25.4) * 96)
        browser.ask("Emulation.setDeviceMetricsOverride", width=inches, height=1000, deviceScaleFactor=1, mobile=False)
        browser.ask("Emulation.setEmulatedMedia", media="print", features=[])
        browser.open(url)
        overflow = browser.value(TOO_WIDE)
        if overflow:
            wrong.append(f"{name}: wider than the sheet: {overflow}")
        browser.ask("Emulation.setEmulatedMedia", media="", features=[])
        sheet = browser.ask("Page.printToPDF", paperWidth=width, paperHeight=height, preferCSSPageSize=False, printBackground=True)
        with tempfile.NamedTemporaryFile(suffix=".pdf", delete=False) as file:
            file.write(base64.b64decode(sheet["data"]))
        title = browser.value("document.querySelector('h1').textContent")
        wrong += [f"{name}: {text}" for text in check_pdf(file.name, [title])]
        if pictures:
            shutil.copy(file.name, pictures / f"{path.stem}_{name}.pdf")
        os.unlink(file.name)
    return wrong


def plain(text):
    return re.sub(r"\s+", "", text)


def check_pdf(path, words):
    info = subprocess.run(["pdfinfo", path], capture_output=True, text=True)
    if info.returncode:
        return [f"is no PDF: {info.stderr.strip()}"]
    pages = int(re.search(r"^Pages:\s+(\d+)", info.stdout, re.M).group(1))
    text = plain(subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True).stdout)
    wrong = [] if pages else ["has no pages"]
    # Letters from right to left come out of a PDF in another order: only others are looked for.
    wrong += [f"does not hold `{word}`" for word in words if word.isascii() and plain(word) not in text]
    return wrong


def check_word(path, folder, pictures):
    wrong = []
    with zipfile.ZipFile(path) as archive:
        document = archive.read("word/document.xml").decode()
    tables = document.count("<w:tbl>")
    numbered = len(set(re.findall(r"(?:Table|Tabla) (\d+)<", document)))
    if tables != numbered:
        wrong.append(f"{tables} tables, {numbered} numbers of tables")
    if tables != document.count("<w:tblHeader"):
        wrong.append("a table whose heads do not repeat")
    run = subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/office", "--headless", "--convert-to", "pdf", "--outdir", folder, str(path)],
        capture_output=True, text=True, timeout=240,
    )
    made = pathlib.Path(folder) / f"{path.stem}.pdf"
    if run.returncode or not made.exists():
        return wrong + [f"LibreOffice does not open it: {run.stderr.strip()}"]
    word = "Tabla 1" if "Tabla 1<" in document else "Table 1"
    wrong += check_pdf(str(made), [word] if tables else [])
    if pictures:
        shutil.copy(made, pictures / f"{path.stem}_word.pdf")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--pictures", type=pathlib.Path, help="a folder for pictures of every page")
    args = parser.parse_args()
    if args.pictures:
        args.pictures.mkdir(parents=True, exist_ok=True)
    bad = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = None
        for path in args.files:
            if path.suffix == ".docx":
                wrong = check_word(path, folder, args.pictures)
            else:
                browser = browser or Browser(folder)
                wrong = check_page(browser, path, args.pictures)
            print(f"{path.name}: {'sound' if not wrong else 'WRONG'}")
            for text in dict.fromkeys(wrong):
                print(f"  {text}")
            bad += len(wrong)
        if browser:
            browser.close()
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
