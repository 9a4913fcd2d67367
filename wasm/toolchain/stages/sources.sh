# shellcheck shell=bash
# Third-party sources, unpacked and left exactly as their tarballs have them: we patch nothing.

ready_sources() {
  local p
  for p in xnnpack/src pthreadpool/src fxdiv/include fp16/include sentencepiece/src; do
    [ -d "$TC/src/$p" ] || return 1
  done
}

stage_sources() {
  local tars=$TC/tmp/tars package depth tar top
  private_apt_update
  rm -rf "$tars" "$TC/src"
  mkdir -p "$TC/src"
  fetch_pinned sources src "$tars"
  for package in $(pins sources | awk '{ print $3 }'); do
    tar=$(echo "$tars/$package"_*.orig.tar.*)
    # Some tarballs have one folder on top, XNNPACK's has none.
    top=$(tar -tf "$tar" | cut -d/ -f1 | sort -u)
    depth=0
    [ "$(wc -l <<<"$top")" = 1 ] && depth=1
    mkdir -p "$TC/src/$package"
    tar -xf "$tar" -C "$TC/src/$package" --strip-components="$depth" ||
      die "$tar could not be unpacked" "check the free space in $TC, then run setup.sh again"
  done
  rm -rf "$tars"
}
