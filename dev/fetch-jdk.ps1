# Fetches the JDK of dev/jdk.properties on Windows, and prints its folder as the last line. Called by athanor.cmd
# where none is found; what it does and compares is explained in dev/jdk.properties.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue' # drawing it takes longer than the download
[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12

function Stop-Here($message) {
  [Console]::Error.WriteLine("athanor: $message")
  [Console]::Error.WriteLine('help: winget install EclipseAdoptium.Temurin.25.JDK; or set ATHANOR_JAVA_HOME to the folder of one')
  exit 69
}

$properties = @{}
foreach ($line in Get-Content -LiteralPath (Join-Path $PSScriptRoot 'jdk.properties')) {
  if ($line -notmatch '^\s*#' -and $line -match '^([^=]+)=(.*)$') { $properties[$Matches[1]] = $Matches[2] }
}
$version = $properties['version']
$file = $properties['file.x64_windows'] # Windows on ARM runs it too
$source = $properties['source']
$site = $source -replace '/releases/.*$', ''
$cache = if ($env:ATHANOR_CACHE) { $env:ATHANOR_CACHE } else { Join-Path $env:USERPROFILE '.cache\athanor' }
$jdks = Join-Path $cache 'jdk'
$folder = Join-Path $jdks $version
$partial = Join-Path $jdks ('.fetching.' + [Guid]::NewGuid())
$why = 'needs a JDK 25 or newer and found none'
if ($env:ATHANOR_FETCH_JDK -eq 'no') { Stop-Here $why }
try {
  $head = Invoke-WebRequest -UseBasicParsing -Method Head -Uri ($source + $file)
  $size = [long](@($head.Headers['Content-Length'])[0])
} catch {
  Stop-Here "$why; it could not be fetched either: no connection to $site"
}
[Console]::Error.WriteLine("athanor: $why; fetching Temurin $version ($([Math]::Floor($size / 1e6)) MB) from $site into $jdks")
try {
  New-Item -ItemType Directory -Force -Path $partial | Out-Null
  $archive = Join-Path $partial 'archive.zip'
  $published = (Invoke-WebRequest -UseBasicParsing -Uri ($source + $file + '.sha256.txt')).Content
  if ($published -is [byte[]]) { $published = [Text.Encoding]::ASCII.GetString($published) }
  $published = ($published -split '\s+')[0]
  Invoke-WebRequest -UseBasicParsing -Uri ($source + $file) -OutFile $archive
  $found = (Get-FileHash -Algorithm SHA256 -LiteralPath $archive).Hash
  $pinned = $properties['sha256.x64_windows']
  foreach ($expected in @($published, $pinned)) {
    if ($expected -and $expected -ne $found) { throw "what arrived is not what was published: SHA-256 $found, expected $expected" }
  }
  if (-not $published) { throw 'no checksum is published beside it' }
  Expand-Archive -LiteralPath $archive -DestinationPath (Join-Path $partial 'unpacked')
  if (Test-Path -LiteralPath $folder) { Remove-Item -Recurse -Force -LiteralPath $folder }
  Move-Item -LiteralPath (Join-Path $partial 'unpacked') -Destination $folder
} catch {
  Stop-Here "the JDK could not be fetched: $($_.Exception.Message)"
} finally {
  if (Test-Path -LiteralPath $partial) { Remove-Item -Recurse -Force -LiteralPath $partial }
}
(Get-ChildItem -LiteralPath $folder -Directory | Select-Object -First 1).FullName
