package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The last address of each range that is not the internet, and the first beyond it. */
class PrivateNetworkTest {
  @ParameterizedTest
  @CsvSource({
    "0.255.255.255, true",
    "1.0.0.0, false",
    "10.255.255.255, true",
    "11.0.0.0, false",
    "9.255.255.255, false",
    "100.63.255.255, false",
    "100.64.0.0, true",
    "100.127.255.255, true",
    "100.128.0.0, false",
    "126.255.255.255, false",
    "127.255.255.255, true",
    "128.0.0.0, false",
    "168.63.129.15, false",
    "168.63.129.16, true",
    "168.63.130.16, false",
    "168.62.129.16, false",
    "169.253.255.255, false",
    "169.254.0.0, true",
    "169.255.0.0, false",
    "172.15.255.255, false",
    "172.16.0.0, true",
    "172.31.255.255, true",
    "172.32.0.0, false",
    "192.0.0.255, true",
    "192.0.1.0, false",
    "192.0.2.255, true",
    "192.0.3.0, false",
    "192.167.255.255, false",
    "192.168.255.255, true",
    "192.169.0.0, false",
    "198.17.255.255, false",
    "198.18.0.0, true",
    "198.19.255.255, true",
    "198.20.0.0, false",
    "198.51.100.7, true",
    "198.51.101.0, false",
    "203.0.113.1, true",
    "203.0.114.0, false",
    "203.1.113.0, false",
    "223.255.255.255, false",
    "224.0.0.0, true",
    "240.0.0.0, true",
    "255.255.255.255, true",
    "::, true",
    "::1, true",
    "::2:1, true",
    "fbff::1, false",
    "fc00::, true",
    "fdff:ffff::, true",
    "fe80::1, true",
    "febf::1, true",
    "fec0::1, true",
    "ff02::1, true",
    "100::1, true",
    "100:0:0:1::1, false",
    "2001:0:1::1, true",
    "2001:1::1, false",
    "2001:db8::1, true",
    "2001:db9::1, false",
    "64:ff9b::7f00:1, true",
    "64:ff9b::808:808, false",
    "64:ff9b:1::808:808, true",
    "2002:7f00:1::, true",
    "2002:808:808::, false",
    "2606:4700::5efe:a00:1, true",
    "2606:4700::5efe:808:808, false",
    "2606:4700::1111, false",
  })
  void knowsWhereEachRangeEnds(String address, boolean isPrivate) throws UnknownHostException {
    assertThat(PrivateNetwork.isPrivate(InetAddress.getByName(address))).isEqualTo(isPrivate);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, true, false",
    "127.1, true, true",
    "0x7f000001, true, true",
    "017700000001, true, true",
    "08.8.8.8, true, true",
    "256.1.1.1, false, false",
    "4294967296, false, false",
    "1.2.3.4.5, false, false",
    "8.8.8.8, true, false",
    "8.8.8.8., true, true",
    "0xzz, false, false",
    "0x1000000000000, false, false",
    "[::1], true, false",
    "a.example, false, false",
  })
  void tellsAddressesFromNamesAndUsualSpellingsFromOthers(
      String host, boolean literal, boolean odd) {
    assertThat(PrivateNetwork.isLiteral(host)).isEqualTo(literal);
    assertThat(PrivateNetwork.isOddlySpelled(host)).isEqualTo(odd);
  }
}
