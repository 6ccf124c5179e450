@echo off
rem Runs Athanor from a checkout on Windows: finds a JDK, builds if the sources are newer than the jar,
rem starts Java. ATHANOR_JAVA_HOME is the JDK to use; ATHANOR_JAVA_OPTIONS are more options for Java.
setlocal EnableExtensions DisableDelayedExpansion
set "athanor_home=%~dp0"
set "athanor_jar=%athanor_home%target\athanor.jar"
set "jdk="

if not defined ATHANOR_JAVA_HOME goto search
call :consider "%ATHANOR_JAVA_HOME%"
if defined jdk goto found
>&2 echo athanor: needs a JDK 25 or newer; ATHANOR_JAVA_HOME=%ATHANOR_JAVA_HOME% holds none
exit /b 69

:search
if defined JAVA_HOME call :consider "%JAVA_HOME%"
for %%P in ("%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Java" "%ProgramFiles%\Microsoft" "%ProgramFiles%\Zulu" "%ProgramFiles%\Amazon Corretto" "%ProgramFiles%\BellSoft" "%USERPROFILE%\.jdks" "%USERPROFILE%\scoop\apps") do (
  for /d %%J in ("%%~P\*") do (
    call :consider "%%~J"
    call :consider "%%~J\current"
  )
)
if defined jdk goto found
>&2 echo athanor: needs a JDK 25 or newer and found none; looked in JAVA_HOME and under %ProgramFiles%; install one (https://adoptium.net) or set ATHANOR_JAVA_HOME to its folder
exit /b 69

:found
set "stale="
if not exist "%athanor_jar%" set "stale=1"
if not defined stale powershell -NoProfile -Command "$built = (Get-Item -LiteralPath $env:athanor_jar).LastWriteTimeUtc; $newer = Get-ChildItem -LiteralPath ($env:athanor_home + 'src\main'), ($env:athanor_home + 'pom.xml') -Recurse | Where-Object { $_.LastWriteTimeUtc -gt $built } | Select-Object -First 1; exit [int][bool]$newer" || set "stale=1"
if not defined stale goto run
>&2 echo athanor: building (the first time this also downloads libraries)
pushd "%athanor_home%"
set "JAVA_HOME=%jdk%"
call mvnw.cmd -q -B -Dmaven.test.skip=true package 1>&2 <nul
set "failed=%ERRORLEVEL%"
popd
if "%failed%"=="0" goto run
>&2 echo athanor: the build failed, see above
exit /b 69

:run
"%jdk%\bin\java.exe" @"%athanor_home%dev\java.options" %ATHANOR_JAVA_OPTIONS% -jar "%athanor_jar%" %*
exit /b %ERRORLEVEL%

rem Takes the JDK in folder %1 if it is new enough and none was taken before.
:consider
if defined jdk exit /b
if not exist "%~1\bin\javac.exe" exit /b
if not exist "%~1\release" exit /b
for /f "usebackq tokens=2 delims==" %%V in (`findstr /b "JAVA_VERSION=" "%~1\release"`) do (
  for /f "delims=.-+" %%F in (%%V) do if %%F GEQ 25 set "jdk=%~1"
)
exit /b
