using System.Security.Cryptography.X509Certificates;

namespace Colony.Rpc;

/// <summary>Certificates checked against authorities of our own instead of those of the machine.</summary>
internal static class TrustedAuthorities
{
    /// <summary>Whether one of the authorities signed the certificate and it is valid now.</summary>
    public static bool Signed(X509Certificate2 certificate, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
